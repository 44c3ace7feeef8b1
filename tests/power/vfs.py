"""A disk that remembers every write, under the standard library's own sqlite3, made with ctypes.

    with recording() as disk:      # every database opened now goes through it
        ...
    disk.events                    # Written | Synced | Truncated | Deleted, in order

It is a shim around SQLite's default VFS: reads and locks go through; writes are logged and go
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
from typing import TypeAlias

from msgspec import Struct

OK, IOERR, FULL = 0, 10, 13
IOERR_WRITE, IOERR_FSYNC = IOERR | 3 << 8, IOERR | 4 << 8
NAME = b"fumo-recording"
HEADER = 16  # our own methods and the number of the file; SQLite's file follows


class Written(Struct, frozen=True):
    file: str
    offset: int
    data: bytes


class Synced(Struct, frozen=True):
    file: str


class Truncated(Struct, frozen=True):
    file: str
    length: int


class Deleted(Struct, frozen=True):
    file: str


Event: TypeAlias = Written | Synced | Truncated | Deleted

Open = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_void_p, c_int, POINTER(c_int))
Delete = ctypes.CFUNCTYPE(c_int, c_void_p, c_char_p, c_int)
OfFile = ctypes.CFUNCTYPE(c_int, c_void_p)
Transfer = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p, c_int, c_int64)
OfLength = ctypes.CFUNCTYPE(c_int, c_void_p, c_int64)
OfInt = ctypes.CFUNCTYPE(c_int, c_void_p, c_int)
OfOut = ctypes.CFUNCTYPE(c_int, c_void_p, c_void_p)
Control = ctypes.CFUNCTYPE(c_int, c_void_p, c_int, c_void_p)
ShmMap = ctypes.CFUNCTYPE(c_int, c_void_p, c_int, c_int, c_int, c_void_p)
ShmLock = ctypes.CFUNCTYPE(c_int, c_void_p, c_int, c_int, c_int)
ShmBarrier = ctypes.CFUNCTYPE(None, c_void_p)


class Methods(ctypes.Structure):
    """sqlite3_io_methods, version 2."""

    _fields_ = (
        ("version", c_int),
        ("close", OfFile),
        ("read", Transfer),
        ("write", Transfer),
        ("truncate", OfLength),
        ("sync", OfInt),
        ("file_size", OfOut),
        ("lock", OfInt),
        ("unlock", OfInt),
        ("check_reserved_lock", OfOut),
        ("file_control", Control),
        ("sector_size", OfFile),
        ("device_characteristics", OfFile),
        ("shm_map", ShmMap),
        ("shm_lock", ShmLock),
        ("shm_barrier", ShmBarrier),
        ("shm_unmap", OfInt),
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
        self.refuse: Callable[[Event], int] = lambda _event: OK
        self._files: list[str] = []
        self._library = _library()
        self._base = self._library.sqlite3_vfs_find(None)
        self._methods = self._make_methods()
        self._vfs = self._make_vfs()

    def register(self) -> None:
        """Become the VFS that every new connection uses."""
        self._library.sqlite3_vfs_register(ctypes.byref(self._vfs), 1)

    def unregister(self) -> None:
        self._library.sqlite3_vfs_unregister(ctypes.byref(self._vfs))
        self._library.sqlite3_vfs_register(self._base, 1)

    def _make_vfs(self) -> Vfs:
        vfs = Vfs()
        ctypes.memmove(ctypes.byref(vfs), self._base, ctypes.sizeof(Vfs))
        vfs.version, vfs.name, vfs.next = min(2, vfs.version), NAME, None
        vfs.file_size += HEADER
        vfs.open, vfs.delete = Open(self._open), Delete(self._delete)
        return vfs

    def _make_methods(self) -> Methods:
        """Everything goes through but what changes the disk."""
        made = Methods(version=2)
        own = {"write": self._write, "truncate": self._truncate, "sync": self._sync}
        for name, kind in Methods._fields_[1:]:
            setattr(made, name, kind(own.get(name) or _through(name)))
        return made

    def _open(self, _vfs, name, file, flags, out_flags) -> int:
        result = self._base.contents.open(
            ctypes.cast(self._base, c_void_p), name, file + HEADER, flags, out_flags
        )
        opened = c_void_p.from_address(file + HEADER).value is not None
        own = ctypes.addressof(self._methods) if opened else None
        c_void_p.from_address(file).value = own
        c_int64.from_address(file + 8).value = len(self._files)
        path = ctypes.string_at(name).decode() if name else "temporary"
        self._files.append(Path(path).name)
        return result

    def _delete(self, _vfs, name, sync_folder) -> int:
        result = self._base.contents.delete(
            ctypes.cast(self._base, c_void_p), name, 0 * sync_folder
        )
        self.events.append(Deleted(Path(name.decode()).name))
        return result

    def _write(self, file, data, count, offset) -> int:
        event = Written(self._name(file), offset, ctypes.string_at(data, count))
        return self._log(event) or _base_methods(file).write(file + HEADER, data, count, offset)

    def _truncate(self, file, length) -> int:
        event = Truncated(self._name(file), length)
        return self._log(event) or _base_methods(file).truncate(file + HEADER, length)

    def _sync(self, file, _flags) -> int:
        return self._log(Synced(self._name(file)))

    def _log(self, event: Event) -> int:
        refused = self.refuse(event)
        if not refused:
            self.events.append(event)
        return refused

    def _name(self, file: int) -> str:
        return self._files[c_int64.from_address(file + 8).value]


def _base_methods(file: int) -> Methods:
    return Methods.from_address(c_void_p.from_address(file + HEADER).value)


def _through(name: str) -> Callable[..., int]:
    """A method that asks SQLite's own file behind ours."""

    def call(file, *rest):
        return getattr(_base_methods(file), name)(file + HEADER, *rest)

    return call


@contextmanager
def recording() -> Iterator[Disk]:
    """All databases opened inside are recorded; close them before the end."""
    disk = Disk()
    disk.register()
    try:
        yield disk
    finally:
        disk.unregister()
