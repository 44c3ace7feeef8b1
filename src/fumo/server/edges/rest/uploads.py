"""`/uploads`: bytes of a package that go on where a line was cut, at any server of the database.

Begin one, send what is missing with its `Upload-Offset`, ask for the offset after a cut, and
finish: the content is named by its SHA-256. Like `/contents` it makes no package.
"""

import asyncio
import re
import time
from typing import Annotated, Any

from litestar import Response, get, patch, post
from litestar.exceptions import ServiceUnavailableException, ValidationException
from msgspec import Meta, Struct

from fumo.server.edges.access.store import AccessStore
from fumo.server.edges.contents.taking import Taking
from fumo.server.edges.contents.uploads import Upload, Uploads
from fumo.server.edges.rest.changes import Change
from fumo.server.edges.rest.contents import AT_ONCE, ENDS, Arriving, Content
from fumo.server.edges.rest.frame import OPERATOR, Asked, Rest
from fumo.server.office import Missing

LENGTH_MAX = 64 << 30
DIGITS_MAX = 16
ID = re.compile(r"[0-9a-f]{32}")


class NewUpload(Struct, frozen=True, forbid_unknown_fields=True):
    """How much is to come, and of which SHA-256, if that is known already.

    The same SHA-256 by the same user again goes on with the upload that is not finished.
    """

    length: Annotated[int, Meta(ge=1, le=LENGTH_MAX)]
    sha256: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")] | None = None


def routes(rest: Rest) -> list[Any]:
    """Begin, look, send and finish."""
    uploads, slots = Uploads(rest.store.db), asyncio.Semaphore(AT_ONCE)

    def order(job: Any) -> Any:
        return rest.desk.thread.call(job).result()

    taking = Taking(rest.desk.contents, uploads, order)

    @post("/uploads", opt=OPERATOR)
    async def begin_upload(request: Asked, data: NewUpload) -> Response[Upload]:
        who = request.user.name

        def job() -> Upload:
            return uploads.begin(who, data.length, data.sha256, time.time())

        return await rest.changes.make(request, Change("uploads.add", data.sha256 or "", job))

    @get("/uploads/{upload_id:str}", opt=OPERATOR)
    async def upload(upload_id: str) -> Response[Upload]:
        return _told(await rest.desk.order(lambda: uploads.of(_id(upload_id))))

    @patch("/uploads/{upload_id:str}", opt=OPERATOR, request_max_body_size=LENGTH_MAX)
    async def send_upload(request: Asked, upload_id: str) -> Response[Upload]:
        offset = _offset(request)
        async with slots:
            arriving = Arriving(request.stream())
            try:
                return _told(await asyncio.to_thread(taking.take, _id(upload_id), offset, arriving))
            except asyncio.CancelledError:
                raise ServiceUnavailableException(ENDS, headers={"Retry-After": "5"}) from None

    @post("/uploads/{upload_id:str}/finish", opt=OPERATOR)
    async def finish_upload(request: Asked, upload_id: str) -> Response[Content]:
        actor, access = request.user, AccessStore(rest.store.db)

        def note(sha256: str) -> None:
            access.note(time.time(), actor.name, actor.place, "contents.add", sha256)

        async with slots:
            done = await asyncio.to_thread(taking.finish, _id(upload_id), note)
        return Response(Content(done.sha256 or "", done.length), status_code=201)

    return [begin_upload, upload, send_upload, finish_upload]


def _id(given: str) -> str:
    if ID.fullmatch(given) is None:
        raise Missing(f"no upload {given[:40]!r}")
    return given


def _offset(request: Asked) -> int:
    given = request.headers.get("upload-offset", "")
    if not (given.isascii() and given.isdigit() and len(given) < DIGITS_MAX):
        raise ValidationException("the header Upload-Offset says where the bytes begin: a number")
    return int(given)


def _told(upload: Upload) -> Response[Upload]:
    return Response(upload, headers={"Upload-Offset": str(upload.offset)})
