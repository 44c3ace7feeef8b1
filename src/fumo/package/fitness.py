"""Does a package fit this device? Pure.

`judge` gives None when it does, else the `Misfit` with the result code an alert would report.
The same version again fits: an operator may order a repair, and writing it twice is harmless.
"""

from collections.abc import Iterator

from msgspec import Struct

from fumo.package.manifest import IMAGE, Manifest


class Device(Struct, frozen=True):
    """What a package is judged against. `security_counter` only ever grows.

    `hardware` is this device's revision, `base_sha256` the digest of the image that runs (None:
    nobody knows), `formats` what its update agent installs.
    """

    model: str
    version: str
    security_counter: int = 0
    hardware: str = ""
    base_sha256: str | None = None
    formats: tuple[str, ...] = (IMAGE,)


class Misfit(Struct, frozen=True):
    """Why a package does not fit: words for people, and the result code (FUMO 6.2)."""

    why: str
    result: int


MISMATCH = 403  # the wrong package for this device
NOT_ACCEPTABLE = 405  # never taken here: an older security level, or a kind nobody installs


def judge(manifest: Manifest, device: Device) -> Misfit | None:
    """The first reason against the package, or None."""
    return next(_against(manifest, device), None)


def _against(says: Manifest, device: Device) -> Iterator[Misfit]:
    if says.model != device.model:
        yield Misfit(f"made for {says.model}, not {device.model}", MISMATCH)
    if says.hardware and device.hardware not in says.hardware:
        revisions = ", ".join(says.hardware)
        yield Misfit(f"made for hardware {revisions}, not {device.hardware or 'any'}", MISMATCH)
    if says.from_version not in (None, device.version):
        yield Misfit(f"updates {says.from_version}, not {device.version}", MISMATCH)
    if says.base_sha256 not in (None, device.base_sha256):
        yield Misfit("made for another image than the one that runs", MISMATCH)
    if says.security_counter < device.security_counter:
        older = f"security counter {says.security_counter} is below {device.security_counter}"
        yield Misfit(older, NOT_ACCEPTABLE)
    if says.format not in device.formats:
        yield Misfit(f"of the format {says.format}, which nobody installs here", NOT_ACCEPTABLE)
