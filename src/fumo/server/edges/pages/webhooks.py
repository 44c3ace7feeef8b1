"""Webhooks: who is told what happens, and how it goes. For admins."""

from typing import Any

from litestar import Response, get, post

from fumo.server.edges.pages.frame import Asked, Pages, field
from fumo.server.edges.pages.sheets import sheet, shown

ORDERS = ("pause", "resume", "remove")


def routes(pages: Pages) -> list[Any]:
    """A secret is shown once, by the page that made it."""

    @get("/webhooks")
    async def webhooks(request: Asked) -> Response[str]:
        return shown(pages, request, "webhooks.html", await sheet(pages, request, "/webhooks"))

    @post("/webhooks/add")
    async def add(request: Asked) -> Response[Any]:
        form = await request.form()
        kinds = field(form, "kinds").replace(",", " ").split()
        body = {"url": field(form, "url").strip(), "kinds": kinds}
        return await _secret(pages, request, "/webhooks", body)

    @post("/webhooks/orders")
    async def order(request: Asked) -> Response[Any]:
        form = await request.form()
        number, word = field(form, "id"), field(form, "word")
        if not number.isdecimal() or word not in (*ORDERS, "rotate"):
            return pages.nothing(request, "There is no such order.", 400)
        path = f"/webhooks/{number}/{word}"
        if word == "rotate":
            return await _secret(pages, request, path, None)
        return await pages.order(request, path, None, "/webhooks")

    return [webhooks, add, order]


async def _secret(pages: Pages, asked: Asked, path: str, body: Any) -> Response[str]:
    answer = await pages.ask(asked, "POST", path, body=body)
    if not answer.good:
        return pages.refused(asked, answer, "/webhooks")
    title = f"A secret for {answer.value['url']}"
    words = "By it the receiver knows that a delivery is ours. It is shown this once."
    return pages.show(
        asked,
        "secret.html",
        title=title,
        words=words,
        secret=answer.value["secret"],
        on="/webhooks",
    )
