"""A disk that remembers every write, under the standard library's own sqlite3, made with ctypes.

    with recording() as disk:      # every database opened now goes through it
        ...
    disk.events                    # Written | Synced | Truncated | Deleted, in order

It is SQLite's default VFS with three methods of its files exchanged: writes are logged and go
through; syncs are only logged, since a replay of the log decides what a power cut leaves. It can
also refuse: `disk.refuse(event)` gives a result code of SQLite to return instead.

ctypes finds SQLite through the library that `_sqlite3` itself is linked to, so that both speak of
one list of VFSs. Where `_sqlite3` is built into the interpreter it is looked for there.
"""

import _sqlite3
import ctypes
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ctypes import POINTER, c_char_p, c_int, c_int64, c_void_p
from pathlib import Path

from tests.power.events import Deleted, Event, Synced, Truncated, Written

OK, IOERR, FULL = 0, 10, 13
IOERR_WRITE, IOERR_FSYNC = IOERR | 3 << 8, IOERR | 4 << 8
NAME = b"fumo-recording"

Open = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
Delete = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
Transfer = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
OfLength = ctypes.CFUNCTYPE(c_int, c_void_p, c_int64)
OfInt = ctypes.CFUNCTYPE(c_int, c_void_p, c_int)


class Methods(ctypes.Structure):
    """sqlite3_io_methods, version 2; what is a bare pointer here is SQLite's own."""

    _fields_ = (
        ("version", c_int),
        ("close", c_void_p),
        ("read", c_void_p),
        ("write", Transfer),
        ("truncate", OfLength),
        ("sync", OfInt),
        *((name, c_void_p) for name in ("file_size", "lock", "unlock", "check_reserved_lock")),
        *((name, c_void_p) for name in ("file_control", "sector_size", "characteristics")),
        *((name, c_void_p) for name in ("shm_map", "shm_lock", "shm_barrier", "shm_unmap")),
    )


class Vfs(ctypes.Structure):
    """sqlite3_vfs, version 2; what is a bare pointer here is taken over from the default VFS."""

    _fields_ = (
        ("version", c_int),
        ("file_size", c_int),
        ("path_max", c_int),
        ("next", c_void_p),
        ("name", c_char_p),
        ("app_data", c_void_p),
        ("open", Open),
        ("delete", Delete),
        *((name, c_void_p) for name in ("access", "full_path", "dl_open", "dl_error", "dl_sym")),
        *((name, c_void_p) for name in ("dl_close", "randomness", "sleep", "current_time")),
        *((name, c_void_p) for name in ("last_error", "current_time_int64")),
    )


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(getattr(_sqlite3, "__file__", None))
    library.sqlite3_vfs_find.restype = POINTER(Vfs)
    library.sqlite3_vfs_find.argtypes = (c_char_p,)
    library.sqlite3_vfs_register.argtypes = (c_void_p, c_int)
    library.sqlite3_vfs_unregister.argtypes = (c_void_p,)
    return library


class Disk:
    """The shim: the log of events, and what SQLite calls."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.listening = True
        """False: nothing is logged, and syncs cost nothing all the same."""
        self.refuse: Callable[[Event], int] = lambda _event: OK
        self._names: dict[int, str] = {}
        self._library = _library()
        self._base = self._library.sqlite3_vfs_find(None)
        self._methods: dict[int, tuple[Methods, Methods]] = {}
        self._theirs: dict[int, Methods] = {}
        self._vfs = self._make_vfs()

    def register(self) -> None:
        """Become the VFS that every new connection uses."""
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)

    def unregister(self) -> None:
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
        self._library.sqlite3_vfs_register(self._base, 1)

    def log(self, event: Event) -> int:
        """One more event, or the code with which it is refused."""
        refused = self.refuse(event)
        if self.listening and not refused:
            self.events.append(event)
        return refused

    def _make_vfs(self) -> Vfs:
        vfs = Vfs()
        ctypes.memmove(ctypes.byref(vfs), self._base, ctypes.sizeof(Vfs))
        vfs.version, vfs.name, vfs.next = min(2, vfs.version), NAME, None
        vfs.open, vfs.delete = Open(self._open), Delete(self._delete)
        return vfs

    def _open(self, _vfs, name, file, flags, out_flags) -> int:
        """The file is SQLite's own; where it finds its methods it finds ours from now on."""
        base = ctypes.cast(self._base, c_void_p)
        result = self._base.contents.open(base, name, file, flags, out_flags)
        theirs = c_void_p.from_address(file)
        if theirs.value is not None and name:
            own, original = self._exchanged(theirs.value)
            self._names[file] = Path(ctypes.string_at(name).decode()).name
            self._theirs[file] = original
            theirs.value = ctypes.addressof(own)
        return result

    def _exchanged(self, address: int) -> tuple[Methods, Methods]:
        """(ours, SQLite's): a copy with the methods that change the disk exchanged."""
        if address not in self._methods:
            original = Methods.from_address(address)
            own = Methods.from_buffer_copy(original)
            own.version = min(2, original.version)  # no memory maps: they write unseen
            own.write, own.truncate = Transfer(self._write), OfLength(self._truncate)
            own.sync = OfInt(self._sync)
            self._methods[address] = own, original
        return self._methods[address]

    def _delete(self, _vfs, name, sync_folder) -> int:
        base = ctypes.cast(self._base, c_void_p)
        result = self._base.contents.delete(base, name, 0 * sync_folder)
        if self.listening:
            self.events.append(Deleted(Path(name.decode()).name))
        return result

    def _write(self, file, data, count, offset) -> int:
        event = Written(self._names[file], offset, ctypes.string_at(data, count))
        return self.log(event) or self._theirs[file].write(file, data, count, offset)

    def _truncate(self, file, length) -> int:
        event = Truncated(self._names[file], length)
        return self.log(event) or self._theirs[file].truncate(file, length)

    def _sync(self, file, _flags) -> int:
        return self.log(Synced(self._names[file]))


@contextmanager
def recording() -> Iterator[Disk]:
    """All databases opened inside are recorded; close them before the end."""
    disk = Disk()
    disk.register()
    try:
        yield disk
    finally:
        disk.unregister()
