"""Debian's libwbxml, called in this process: what a C library needs for the same work."""

import ctypes
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_int, c_uint, c_void_p

NAME = "libwbxml2.so.1"
MISSING = f"{NAME} is not installed (Debian: apt-get install libwbxml2-1): its rows are left out"


class LibWbxml:
    """Both directions of the library. Each call makes and destroys its converter, as users do."""

    def __init__(self) -> None:
        """Load it; OSError when it is not there."""
        self.lib = ctypes.CDLL(NAME)
        self.free = ctypes.CDLL(None).free
        self.free.argtypes = [c_void_p]
        for conv in ("wbxml_conv_wbxml2xml", "wbxml_conv_xml2wbxml"):
            getattr(self.lib, f"{conv}_create").argtypes = [POINTER(c_void_p)]
            getattr(self.lib, f"{conv}_destroy").argtypes = [c_void_p]
            run = getattr(self.lib, f"{conv}_run")
            run.argtypes = [c_void_p, c_char_p, c_uint, POINTER(c_void_p), POINTER(c_uint)]
            run.restype = c_int
        self.lib.wbxml_conv_xml2wbxml_disable_string_table.argtypes = [c_void_p]

    def to_xml(self, body: bytes) -> bytes:
        """WBXML to XML."""
        return self._converted("wbxml_conv_wbxml2xml", body)

    def to_wbxml(self, body: bytes) -> bytes:
        """XML to WBXML, without a string table, as we write it."""
        no_table = self.lib.wbxml_conv_xml2wbxml_disable_string_table
        return self._converted("wbxml_conv_xml2wbxml", body, no_table)

    def _converted(
        self, conv: str, body: bytes, prepare: Callable[[c_void_p], object] | None = None
    ) -> bytes:
        converter, made, length = c_void_p(), c_void_p(), c_uint()
        getattr(self.lib, f"{conv}_create")(byref(converter))
        if prepare:
            prepare(converter)
        run = getattr(self.lib, f"{conv}_run")
        fault = run(converter, body, len(body), byref(made), byref(length))
        getattr(self.lib, f"{conv}_destroy")(converter)
        if fault:
            raise ValueError(f"libwbxml: error {fault}")
        text = ctypes.string_at(made, length.value)
        self.free(made)
        return text


def load() -> LibWbxml | None:
    """The library, or None where it is not installed."""
    try:
        return LibWbxml()
    except OSError:
        return None
