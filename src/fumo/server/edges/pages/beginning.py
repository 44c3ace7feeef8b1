"""A new campaign: its form, whom it would order, and making it."""

from typing import Any

from litestar import Response, get, post
from litestar.response import Redirect

from fumo.server.denied import Denied
from fumo.server.edges.pages.asking import FIRST, body, filled
from fumo.server.edges.pages.frame import Asked, Pages
from fumo.server.edges.pages.wording import KINDS

PACKAGES_MAX = 200


def routes(pages: Pages) -> list[Any]:
    """One form: look at whom it means, then make it."""

    @get("/new-campaign")
    async def form(request: Asked) -> Response[str]:
        given = {"filter": request.query_params.get("filter", "")}
        return await _form(pages, request, {**FIRST, **given})

    @post("/new-campaign/look")
    async def look(request: Asked) -> Response[str]:
        said = filled(await request.form())
        if said["by"] != "filter":
            return await _form(pages, request, said, named=len(set(said["devices"].split())))
        query = {"q": said["filter"], "package": said["package"]}
        answer = await pages.ask(request, "GET", "/preview", query=query)
        if not answer.good:
            return await _form(pages, request, said, answer.words, answer.status)
        return await _form(pages, request, said, preview=answer.value)

    @post("/new-campaign/make")
    async def make(request: Asked) -> Response[Any]:
        said = filled(await request.form())
        try:
            wanted = body(said)
        except Denied as fault:
            return await _form(pages, request, said, str(fault), 400)
        answer = await pages.ask(request, "POST", "/campaigns", body=wanted)
        if not answer.good:
            return await _form(pages, request, said, answer.words, answer.status)
        return Redirect(f"/campaigns/{answer.value['id']}", status_code=303)

    return [form, look, make]


async def _form(
    pages: Pages, asked: Asked, said: dict[str, str], fault: str = "", status: int = 200, *,
    preview: Any = None, named: int | None = None,
) -> Response[str]:  # fmt: skip
    listed = await pages.ask(asked, "GET", "/packages", query={"limit": PACKAGES_MAX})
    packages = listed.value["items"] if listed.good else []
    return pages.show(
        asked, "beginning.html", status,
        said=said, fault=fault, packages=packages, kinds=KINDS, preview=preview, named=named,
    )  # fmt: skip
