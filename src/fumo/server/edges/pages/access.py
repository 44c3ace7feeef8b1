"""Users, their tokens, and the audit log: for admins."""

from typing import Any

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
        return await pages.order(request, f"/users/{name}/remove", None, "/users")

    return [add, remove]


def _tokens(pages: Pages) -> list[Any]:
    @post("/tokens/add")
    async def add(request: Asked) -> Response[Any]:
        form = await request.form()
        body = {"user": field(form, "user"), "label": field(form, "label")}
        answer = await pages.ask(request, "POST", "/tokens", body=body)
        if not answer.good:
            return pages.refused(request, answer, "/users")
        return pages.show(request, "token.html", made=answer.value)

    @post("/tokens/revoke")
    async def revoke(request: Asked) -> Response[Any]:
        number = field(await request.form(), "id")
        if not number.isdecimal():
            return pages.nothing(request, "There is no such token.")
        return await pages.order(request, f"/tokens/{number}/revoke", None, "/users")

    return [add, revoke]
