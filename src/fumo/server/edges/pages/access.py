"""Users, their tokens, and the audit log, for admins; and everybody's own password."""

from typing import Any
from urllib.parse import quote

from litestar import Response, get, post

from fumo.server.access import Role
from fumo.server.edges.pages.frame import Asked, Pages, field
from fumo.server.edges.pages.sheets import sheet, shown


def routes(pages: Pages) -> list[Any]:
    """Whose role is too small gets the API's words."""
    return [*_shown(pages), *_users(pages), *_tokens(pages)]


def _shown(pages: Pages) -> list[Any]:
    @get("/users")
    async def users(request: Asked) -> Response[str]:
        found = await sheet(pages, request, "/users", limit=500)
        tokens = await sheet(pages, request, "/tokens", limit=500)
        roles = [role.value for role in Role]
        return shown(pages, request, "users.html", found, tokens=tokens.rows, roles=roles)

    @get("/audit")
    async def audit(request: Asked) -> Response[str]:
        return shown(pages, request, "audit.html", await sheet(pages, request, "/audit", limit=100))

    return [users, audit]


def _users(pages: Pages) -> list[Any]:
    @post("/users/add")
    async def add(request: Asked) -> Response[Any]:
        form = await request.form()
        body = {"name": field(form, "name"), "role": field(form, "role")}
        if field(form, "password"):
            body["password"] = field(form, "password")
        return await pages.order(request, "/users", body, "/users")

    @post("/users/remove")
    async def remove(request: Asked) -> Response[Any]:
        name = field(await request.form(), "name")
        return await pages.order(request, f"/users/{quote(name, safe='')}/remove", None, "/users")

    @post("/users/change")
    async def change(request: Asked) -> Response[Any]:
        form = await request.form()
        body = {name: field(form, name) for name in ("role", "password") if field(form, name)}
        path = f"/users/{quote(field(form, 'name'), safe='')}"
        return await pages.order(request, path, body, "/users", method="PATCH")

    @get("/account", sync_to_thread=False)
    def account(request: Asked) -> Response[str]:
        return pages.show(request, "account.html")

    @post("/account/password")
    async def own_password(request: Asked) -> Response[Any]:
        form = await request.form()
        body = {"old": field(form, "old"), "new": field(form, "new")}
        return await pages.order(request, "/me/password", body, "/login")

    return [add, remove, change, account, own_password]


def _tokens(pages: Pages) -> list[Any]:
    @post("/tokens/add")
    async def add(request: Asked) -> Response[Any]:
        form = await request.form()
        body = {"user": field(form, "user"), "label": field(form, "label")}
        answer = await pages.ask(request, "POST", "/tokens", body=body)
        if not answer.good:
            return pages.refused(request, answer, "/users")
        title = f"A token for {answer.value['user']}"
        words = "It is shown this once. Keep it where its program reads it."
        return pages.show(
            request, "secret.html", title=title, words=words,
            secret=answer.value["token"], on="/users",
        )  # fmt: skip

    @post("/tokens/revoke")
    async def revoke(request: Asked) -> Response[Any]:
        number = field(await request.form(), "id")
        if not number.isdecimal():
            return pages.nothing(request, "There is no such token.")
        return await pages.order(request, f"/tokens/{number}/revoke", None, "/users")

    return [add, revoke]
