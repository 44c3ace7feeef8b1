"""A small run as evidence, made from values: what the witnesses write when all goes well."""

from msgspec.structs import replace

from fumo.fleet.evidence import (
    Began,
    Chosen,
    Counted,
    Ended,
    Fetched,
    Killed,
    Ordered,
    Record,
    Retried,
    Row,
    Served,
    Started,
    Told,
    Written,
)
from fumo.fleet.faults import Faults

TYPE = "org.openmobilealliance.dm.firmwareupdate.downloadandupdate"
SOURCE = "./FUMO/Primary"
MARKS = {200: "informational"}


def operation(
    device: str, number: int, at: int, result: int = 200, faults: tuple[str, ...] = ()
) -> list[Record]:
    """One operation from its order at `at` to its row, as four witnesses saw it."""
    correlator, path = f"c{number}", f"/packages/{number}/x"
    never = result == 412
    fetches: list[Record] = [
        Fetched(at + 10 + n, at + 11 + n, device, path, "", 503 if never else 206, 5, fault)
        for n, fault in enumerate(faults if never else (*faults, ""))
    ]
    seen: list[Record] = [
        Ordered(at, device, correlator, path),
        *fetches,
        *([] if never else [Served(at + 40, path, 206, 5)]),
        Told(
            at_ns=at + 80,
            device=device,
            correlator=correlator,
            type=TYPE,
            source=SOURCE,
            mark=MARKS.get(result, "critical"),
            result=result,
            status=200,
            delivered=True,
        ),
        Row(at + 900, number, device, 1, correlator, path, "", result, None, 1),
    ]
    if result == 200:
        seen.append(Written(at + 60, device, "slot-b", 9))
    return seen


def good_run() -> list[Record]:
    """Five devices: two killed, one that tells twice, one corrupt, one that cannot download."""
    faults = Faults(never="never", corrupt="corrupt", drop_reply="twice")
    devices = ("a", "b", "twice", "corrupt", "never")
    records: list[Record] = [Began(0, devices, "old", "new", faults)]
    records += operation("a", 1, 100, faults=("cut",))
    records += [Killed(115, "a", "download"), Started(116, "a")]
    records += operation("b", 2, 100)
    records += [Killed(165, "b", "apply"), Started(166, "b")]
    records += operation("twice", 3, 100)
    first = next(r for r in records if isinstance(r, Told) and r.device == "twice")
    records[records.index(first)] = replace(first, delivered=False)
    records.append(replace(first, at_ns=190))
    records += operation("corrupt", 4, 100, result=402)
    records += operation("corrupt", 5, 300)
    records += operation("never", 6, 100, result=412, faults=("unavailable",) * 3)
    records += operation("never", 7, 300)
    records += [Chosen(2000, device, "slot-b", "new") for device in devices]
    records += [Counted(2000, 1, 5, 2, 7), Ended(3000)]
    records.append(Retried(250, 2))
    return records
