"""Does a package fit this device? Pure.

`judge` gives None when it does, else the `Misfit` with the result code an alert would report.
The same version again fits: an operator may order a repair, and writing it twice is harmless.
"""

from msgspec import Struct

from fumo.package.manifest import Manifest


class Device(Struct, frozen=True):
    """What a package is judged against. `security_counter` only ever grows."""

    model: str
    version: str
    security_counter: int = 0


class Misfit(Struct, frozen=True):
    """Why a package does not fit: words for people, and the result code (FUMO 6.2)."""

    why: str
    result: int


MISMATCH = 403  # the wrong package for this device
NOT_ACCEPTABLE = 405  # the right one once, but an older security level is never taken


def judge(manifest: Manifest, device: Device) -> Misfit | None:
    """The first reason against the package, or None."""
    if manifest.model != device.model:
        return Misfit(f"made for {manifest.model}, not {device.model}", MISMATCH)
    if manifest.from_version not in (None, device.version):
        return Misfit(f"updates {manifest.from_version}, not {device.version}", MISMATCH)
    if manifest.security_counter < device.security_counter:
        return Misfit(
            f"security counter {manifest.security_counter} is below {device.security_counter}",
            NOT_ACCEPTABLE,
        )
    return None
