"""The API over real sockets: each route by each role, pages, repeats, and the audit log."""

import base64
import json
from urllib.parse import quote

import pytest

from tests.server.api import OP, PASSWORD, RANKS, A, Api, V, bearer, device

ROUTES = {
    ("GET", "/devices"): V, ("POST", "/devices"): OP, ("GET", "/devices/{device_id}"): V,
    ("POST", "/imports"): OP, ("POST", "/identities"): OP, ("POST", "/secrets"): OP,
    ("POST", "/bindings"): OP, ("POST", "/bootstraps"): OP,
    ("POST", "/devices/marks"): OP, ("GET", "/preview"): V, ("GET", "/packages"): V,
    ("GET", "/packages/{package_id}/deltas"): V, ("POST", "/packages/{package_id}/deltas"): OP,
    ("GET", "/packages/metadata"): V,
    ("POST", "/packages"): OP, ("GET", "/alerts"): V, ("GET", "/campaigns"): V,
    ("GET", "/campaigns/{campaign_id}"): V, ("POST", "/campaigns"): OP,
    ("POST", "/campaigns/{campaign_id}/orders/{word}"): OP,
    ("POST", "/campaigns/{campaign_id}/retry"): OP, ("GET", "/operations"): V,
    ("GET", "/operations/{operation_id}"): V, ("GET", "/operations/{operation_id}/story"): V,
    ("POST", "/operations/{operation_id}/cancel"): OP, ("POST", "/contents"): OP,
    ("POST", "/contents/collect"): A, ("POST", "/uploads"): OP, ("GET", "/uploads/{upload_id}"): OP,
    ("PATCH", "/uploads/{upload_id}"): OP, ("POST", "/uploads/{upload_id}/finish"): OP,
    ("GET", "/incidents"): V, ("POST", "/incidents/{incident_id}/seen"): OP,
    ("POST", "/notifications"): OP, ("GET", "/contacts"): V, ("POST", "/links"): A,
    ("GET", "/audit"): A,
    ("GET", "/events"): V, ("GET", "/webhooks"): A, ("POST", "/webhooks"): A,
    ("GET", "/webhooks/{webhook_id}"): A, ("POST", "/webhooks/{webhook_id}/pause"): A,
    ("POST", "/webhooks/{webhook_id}/resume"): A, ("POST", "/webhooks/{webhook_id}/rotate"): A,
    ("POST", "/webhooks/{webhook_id}/remove"): A,
    ("GET", "/users"): A, ("POST", "/users"): A, ("POST", "/users/{name}/remove"): A,
    ("GET", "/users/{name}"): A, ("PATCH", "/users/{name}"): A, ("GET", "/tokens"): A,
    ("POST", "/tokens"): A, ("POST", "/tokens/{token_id}/revoke"): A,
    ("POST", "/sessions/end"): V, ("GET", "/me"): V, ("POST", "/me/password"): V,
    ("GET", "/quotas"): V, ("GET", "/quotas/{name}"): V, ("PUT", "/quotas/{name}"): A,
}  # fmt: skip
"""Each route but the one by which anybody may prove himself, and the role that it asks for."""
OPEN = {("POST", "/sessions")}
WITHOUT_WORDS = {"/links", "/contents/collect", "/sessions/end"}
"""They need no more than to be asked."""


def test_every_route_is_in_the_table(api: Api):
    status, told = api.front("GET", "/openapi.json")
    assert (status, told["openapi"][:3]) == (200, "3.1")
    there = {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in told["paths"].items() for method in methods
    }  # fmt: skip
    assert there == set(ROUTES) | OPEN


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_a15_each_route_by_each_role(api: Api, method: str, path: str):
    at = path.format(
        package_id=999,
        campaign_id=999, operation_id=999, incident_id=999, token_id=999, webhook_id=999,
        name="none", word="pause", device_id="none", upload_id="none",
    )  # fmt: skip
    assert api.front(method, at)[0] == 401
    assert api.front(method, at, Authorization="Bearer fumo_no")[0] == 401
    needed = RANKS.index(ROUTES[method, path])
    for rank, role in enumerate(RANKS):
        ended = path == "/sessions/end"
        proof = bearer(api.new_token(role) if ended else api.tokens[role])
        status = api.front(method, at, **proof)[0]
        assert (status == 403) is (rank < needed)
        done = dict.fromkeys(WITHOUT_WORDS, 201) | {"/contents": 409}
        assert status in (200, 400, 403, 404, done.get(path))


def test_a_password_lets_in_and_a_wrong_one_does_not(api: Api):
    for password, status in ((PASSWORD, 200), (PASSWORD + "x", 401)):
        proof = base64.b64encode(f"viewer:{password}".encode()).decode()
        assert api.front("GET", "/devices", Authorization=f"Basic {proof}")[0] == status


def test_pages_hold_each_row_once_and_no_secret(api: Api):
    names = [f"page-{number}" for number in range(5)]
    for name in names:
        assert api.role(OP, "POST", "/devices", device(name))[0] == 201
    seen, path = [], "/devices?limit=2"
    while path:
        status, told = api.role(V, "GET", path)
        assert status == 200
        assert "secret" not in json.dumps(told)
        assert len(told["items"]) <= 2
        seen += [one["id"] for one in told["items"] if one["id"] in names]
        path = f"/devices?limit=2&cursor={told['next']}" if told["next"] else ""
    assert seen == names
    assert api.role(V, "GET", "/devices?cursor=!")[0] == 409
    assert api.role(V, "GET", "/devices?limit=501")[0] == 400


def test_a_repeat_gets_the_same_answer_and_another_request_none(api: Api):
    key = {"Idempotency-Key": "k1"}
    first = api.owner("POST", "/devices", device("once"), **key)
    assert first[0] == 201
    assert api.owner("POST", "/devices", device("once"), **key) == first
    assert api.owner("POST", "/devices", device("twice"), **key)[0] == 409
    assert api.owner("POST", "/devices", device("once"))[0] == 409
    assert api.owner("POST", "/tokens", {"user": V}, **key)[0] == 409


def test_every_change_is_in_the_audit_log_and_no_refused_one(api: Api):
    assert api.role(OP, "POST", "/devices", device("audited"))[0] == 201
    assert api.role(OP, "POST", "/devices", device("audited"))[0] == 409
    lines = api.role(A, "GET", "/audit?limit=500")[1]["items"]
    told = [
        (one["who"], one["place"], one["action"]) for one in lines if one["target"] == "audited"
    ]
    assert told == [(OP, "127.0.0.1", "devices.add")]
    assert ("owner", "socket") in {(one["who"], one["place"]) for one in lines}


def test_a_revoked_token_opens_nothing(api: Api):
    made = api.owner("POST", "/tokens", {"user": V})[1]
    proof = {"Authorization": f"Bearer {made['token']}"}
    assert api.front("GET", "/devices", **proof)[0] == 200
    assert made["token"] not in json.dumps(api.owner("GET", "/tokens")[1])
    assert api.owner("POST", f"/tokens/{made['id']}/revoke")[0] == 201
    assert api.front("GET", "/devices", **proof)[0] == 401


def test_devices_are_marked_and_chosen_by_a_filter(api: Api):
    for name in ("chosen-1", "chosen-2"):
        assert api.role(OP, "POST", "/devices", device(name))[0] == 201
    marks = {"devices": ["chosen-1"], "set": {"site": "here"}, "add": ["a tag"]}
    assert api.role(OP, "POST", "/devices/marks", marks) == (201, {"devices": 1})
    q = quote('site == here and tag == "a tag"')
    [told] = api.role(V, "GET", f"/devices?q={q}")[1]["items"]
    assert (told["id"], told["attributes"], told["tags"]) == (
        "chosen-1",
        {"site": "here"},
        ["a tag"],
    )
    seen = api.role(V, "GET", f"/preview?q={quote('id ~ chosen*')}")[1]
    assert (seen["number"], seen["first"]) == (2, ["chosen-1", "chosen-2"])
    status, told = api.role(V, "GET", f"/devices?q={quote('site = here')}")
    assert status == 400
    assert "column 6" in told["detail"]
    for path in ("/operations", "/campaigns"):
        assert api.role(V, "GET", f"{path}?q={quote('state == stopped')}")[0] in (200, 400)
        assert api.role(V, "GET", f"{path}?q=x")[0] == 400
