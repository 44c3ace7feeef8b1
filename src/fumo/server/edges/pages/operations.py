"""One operation: how it stands, why, its whole story, and the word that cancels it."""

from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath

from fumo.server.edges.pages.frame import Asked, Pages
from fumo.server.operation import OPEN, UNSENT
from fumo.server.rows import OperationState

MAY_CANCEL = (UNSENT | OPEN) - {OperationState.CANCEL_REQUESTED}


def routes(pages: Pages) -> list[Any]:
    """By number."""

    @get("/operations/{operation_id:int}")
    async def operation(request: Asked, operation_id: FromPath[int]) -> Response[str]:
        answer = await pages.ask(request, "GET", f"/operations/{operation_id}/story")
        if not answer.good:
            return pages.nothing(request, "There is no such operation.", answer.status)
        told = answer.value
        progress = await pages.ask(request, "GET", f"/campaigns/{told['operation']['campaign']}")
        return pages.show(
            request,
            "operation.html",
            o=told["operation"],
            c=progress.value,
            why=told["why"],
            entries=told["timeline"],
            transfers=told["transfers"],
            may_cancel=told["operation"]["state"] in MAY_CANCEL,
        )

    @post("/operations/{operation_id:int}/cancel")
    async def cancel(request: Asked, operation_id: FromPath[int]) -> Response[Any]:
        at = f"/operations/{operation_id}"
        return await pages.order(request, f"{at}/cancel", None, at)

    return [operation, cancel]
