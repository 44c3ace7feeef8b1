"""Which bytes to fetch: a delta where one fits, else the whole package; and how a delta ends.

While `package.delta` is there, it is what is being fetched and what the checkpoint speaks of; so a
restart goes on with what it finds. A delta that fails in any way but by a cut connection is not
tried again in this life: the whole package is fetched in the same attempt.
"""

from fumo.device.edges.package_check import PackageCheck
from fumo.device.edges.package_file import DELTA, PART
from fumo.device.edges.part_file import PartFile, undo_rename
from fumo.device.edges.run import Run
from fumo.device.edges.trouble import Trouble, disk
from fumo.device.files import Files
from fumo.device.ports import Patcher
from fumo.errors import DecodeError
from fumo.package.plan import Delta, Plan
from fumo.update.failures import Cause, failure
from fumo.update.operation import Checkpoint, Held


class Ways:
    """The ways to one folder's package."""

    def __init__(self, files: Files, raw_packages: bool, patcher: Patcher | None) -> None:
        """Without a `patcher` there is one way only."""
        self._files, self._raw_packages, self._patcher = files, raw_packages, patcher
        self._refused: set[tuple[int, str]] = set()

    def begin(self, run: Run, plan: Plan) -> PartFile | None:
        """The file to fetch into, begun or gone on with; None: what the journal knows is gone."""
        if run.checkpoint is not None:
            return self._resumed(run, plan, run.checkpoint)
        run.delta = next((one for one in plan.deltas if self._fits(run, plan, one)), None)
        return PartFile.fresh(self._files, self._check(run, plan), _name(run.delta))

    def give_up_delta(self, run: Run, trouble: Trouble) -> bool:
        """Is there another way than the one that met this trouble?"""
        if run.delta is None or (trouble.failure.temporary and run.got_bytes):
            return False
        self._refused.add((run.op_id, run.delta.sha256))
        run.delta = None
        return True

    def end(self, run: Run, plan: Plan, part: PartFile) -> Held:
        """What was fetched is whole: the package, verified and durable. Trouble."""
        if run.delta is None:
            return part.finish()
        part.whole()
        return self._patched(run.delta, plan)

    def _resumed(self, run: Run, plan: Plan, checkpoint: Checkpoint) -> PartFile | None:
        with disk():
            on_delta = self._files.exists(DELTA)
        run.delta = None
        if on_delta:
            same = (one for one in plan.deltas if one.length == checkpoint.total)
            run.delta = next(same, None)
            if run.delta is None:
                return None
        else:
            undo_rename(self._files, checkpoint.total)
        check = self._check(run, plan)
        return PartFile.resumed(self._files, check, checkpoint.length, _name(run.delta))

    def _fits(self, run: Run, plan: Plan, delta: Delta) -> bool:
        if self._patcher is None or plan.length is None or plan.sha256 is None:
            return False
        known = (run.op_id, delta.sha256) not in self._refused
        return known and self._patcher.fits(delta, plan.length)

    def _check(self, run: Run, plan: Plan) -> PackageCheck:
        if run.delta is None:
            return PackageCheck(plan, self._raw_packages)
        alone = Plan(run.delta.length, run.delta.sha256)
        return PackageCheck(alone, raw_allowed=True)

    def _patched(self, delta: Delta, plan: Plan) -> Held:
        """The package made of the delta; Trouble when it is not what was vouched for."""
        assert self._patcher is not None
        assert plan.length is not None
        with disk():
            self._files.truncate(PART, 0)
        part = PartFile(self._files, PackageCheck(plan, self._raw_packages))
        part.make_room(plan.length)
        pieces = self._patcher.patch(delta, plan.length, self._read_delta)
        try:
            for piece in pieces:
                part.append(piece)
        except DecodeError:
            raise Trouble(failure(Cause.CORRUPT)) from None
        except OSError:
            raise Trouble(failure(Cause.READ_ERROR)) from None
        return part.finish()

    def _read_delta(self, offset: int, length: int) -> bytes:
        return self._files.read(DELTA, offset, length)


def _name(delta: Delta | None) -> str:
    return PART if delta is None else DELTA
