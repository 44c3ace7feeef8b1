"""Changes by the API: of what the changer has seen, no more than there may be, in any order.

Each on both databases.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.server.api import OP, PASSWORD, A, Api, V, device
from tests.server.process import FREE, Process

PACKAGE = {"id": 0, "name": "fw", "version": "2", "sha256": "ab" * 32, "length": 100}


@contextmanager
def quota(api: Api, name: str, most: int) -> Iterator[None]:
    before = api.owner("GET", f"/quotas/{name}")[1]["most"]
    assert api.owner("PUT", f"/quotas/{name}", {"most": most})[0] == 200
    yield
    assert api.owner("PUT", f"/quotas/{name}", {"most": before})[0] == 200


@pytest.fixture(scope="module")
def campaign(api: Api) -> dict[str, Any]:
    """A draft of one device."""
    assert api.owner("POST", "/devices", device("one"))[0] == 201
    assert api.owner("POST", "/packages", PACKAGE)[0] == 201
    return begun(api, starts=False)


def begun(api: Api, **terms: Any) -> dict[str, Any]:
    order = {"package": "fw", "devices": ["one"], "operation": "download", "terms": terms}
    status, told = api.owner("POST", "/campaigns", order)
    assert status == 201, told
    made: dict[str, Any] = told
    return made


def test_a_user_is_changed_as_his_changer_has_seen_him(api: Api):
    api.owner("POST", "/users", {"name": "seen", "role": V})
    assert api.role(A, "GET", "/users/seen")[0] == 200
    tag = api.headers["etag"]
    assert api.role(A, "PATCH", "/users/seen", {"role": OP}, If_Match=tag)[0] == 200
    newer = api.headers["etag"]
    status, told = api.role(A, "PATCH", "/users/seen", {"role": A}, If_Match=tag)
    assert (status, "read it again" in str(told)) == (412, True)
    assert api.role(A, "GET", "/users/seen")[1]["role"] == OP
    assert api.headers["etag"] == newer != tag
    assert api.role(A, "PATCH", "/users/seen", {"role": V}, If_Match=f'"x", {newer}')[0] == 200
    assert api.role(A, "PATCH", "/users/seen", {"role": V}, If_Match="*")[0] == 200
    assert api.role(A, "PATCH", "/users/nobody", {"role": V}, If_Match="*")[0] == 404


def test_a_campaign_is_steered_as_its_operator_has_seen_it(api: Api, campaign: dict[str, Any]):
    at = f"/campaigns/{campaign['id']}"
    assert api.role(OP, "GET", at)[0] == 200
    tag = api.headers["etag"]
    assert api.role(OP, "POST", f"{at}/orders/start", If_Match=tag)[0] == 201
    assert api.role(OP, "POST", f"{at}/orders/pause", If_Match=tag)[0] == 412
    assert api.role(OP, "GET", at)[1]["state"] == "running"
    assert api.role(OP, "POST", f"{at}/orders/pause", If_Match=api.headers["etag"])[0] == 201


def test_a_webhook_is_steered_as_its_admin_has_seen_it(api: Api):
    made = api.owner("POST", "/webhooks", {"url": "https://example.org/seen"})[1]
    at = f"/webhooks/{made['id']}"
    assert api.role(A, "GET", at)[0] == 200
    tag = api.headers["etag"]
    assert api.role(A, "POST", f"{at}/pause", If_Match=tag)[0] == 201
    assert api.role(A, "POST", f"{at}/resume", If_Match=tag)[0] == 412
    assert api.role(A, "GET", at)[1]["state"] == "paused"
    assert api.role(A, "POST", f"{at}/resume", If_Match=api.headers["etag"])[0] == 201


def test_of_two_who_saw_the_same_one_changes_it(api: Api):
    api.owner("POST", "/users", {"name": "contested", "role": V})
    api.owner("GET", "/users/contested")
    tag = api.headers["etag"]

    def change(role: str) -> int:
        return Api(api.process, api.more).owner(
            "PATCH", "/users/contested", {"role": role}, If_Match=tag
        )[0]

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(change, [OP, A, OP, A])).count(412) >= 2


def test_an_etag_is_asked_of_what_has_none(api: Api):
    assert api.owner("POST", "/users", {"name": "none", "role": V}, If_Match="*")[0] == 412


def test_there_are_no_more_devices_than_may_be(api: Api, campaign: dict[str, Any]):
    there = len(api.owner("GET", "/devices?limit=500")[1]["items"])
    with quota(api, "devices", there + 1):
        assert api.owner("POST", "/devices", device("last"))[0] == 201
        status, told = api.owner("POST", "/devices", device("too many"))
        assert (status, f"no more than {there + 1}" in str(told)) == (409, True)
        both = {"devices": [device("import-1"), device("import-2")]}
        assert api.owner("POST", "/imports", both)[0] == 409
    assert len(api.owner("GET", "/devices?limit=500")[1]["items"]) == there + 1
    assert api.owner("POST", "/devices", device("one more"))[0] == 201


@pytest.mark.parametrize("whose", ["postgresql"], indirect=True)  # a file has one process
def test_a_quota_is_one_for_all_processes(api: Api, campaign: dict[str, Any], tmp_path: Path):
    other = Api(Process(tmp_path / "other", FREE, FREE, *api.more), api.more)
    there = len(api.owner("GET", "/devices?limit=500")[1]["items"])

    def add(number: int) -> int:
        by = Api((api, other)[number % 2].process, api.more)
        return by.owner("POST", "/devices", device(f"racing-{number}"))[0]

    with quota(api, "devices", there + 3), ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(add, range(16))) == [201] * 3 + [409] * 13
    other.process.stop()


def test_no_more_campaigns_run_than_may(api: Api, campaign: dict[str, Any]):
    running = [
        one for one in api.owner("GET", "/campaigns")[1]["items"] if one["state"] == "running"
    ]
    with quota(api, "running-campaigns", len(running) + 1):
        first, second = begun(api), begun(api, starts=False)
        at = "/campaigns/{}/orders/{}".format
        assert api.owner("POST", at(second["id"], "start"))[0] == 409
        assert api.owner("GET", f"/campaigns/{second['id']}")[1]["state"] == "draft"
        assert api.owner("POST", at(first["id"], "stop"))[0] == 201
        assert api.owner("POST", at(second["id"], "start"))[0] == 201
        assert api.owner("POST", at(second["id"], "stop"))[0] == 201


def test_a_campaign_of_many_devices_needs_approval_where_an_admin_said_so(
    api: Api, campaign: dict[str, Any]
):
    def begin(device_filter: str, **terms: Any) -> int:
        order = {"package": "fw", "operation": "download", "filter": device_filter, "devices": []}
        return api.owner("POST", "/campaigns", {**order, "terms": {"starts": False, **terms}})[0]

    names = [f"seen-twice-{n}" for n in range(3)]
    for name in names:
        assert api.owner("POST", "/devices", device(name))[0] == 201
    with quota(api, "devices-without-approval", 2):
        before = len(api.owner("GET", "/campaigns?limit=500")[1]["items"])
        assert begin('id ~ "seen-twice-*"') == 409
        assert len(api.owner("GET", "/campaigns?limit=500")[1]["items"]) == before
        assert begin('id == "seen-twice-1"') == 201
        assert begin('id ~ "seen-twice-*"', approval=True) == 201
    assert begin('id ~ "seen-twice-*"') == 201


def test_a_user_has_no_more_tokens_than_may_be(api: Api):
    api.owner("POST", "/users", {"name": "collector", "role": V, "password": PASSWORD})
    with quota(api, "tokens-of-a-user", 2):
        told = [api.owner("POST", "/tokens", {"user": "collector"})[0] for _ in range(3)]
        assert told == [201, 201, 409]
        assert api.front("POST", "/sessions", {"name": "collector", "password": PASSWORD})[0] == 409


def test_listings_go_both_ways(api: Api, campaign: dict[str, Any]):
    begun(api, starts=False)
    for path in ("/devices", "/campaigns", "/packages", "/operations", "/audit", "/alerts"):
        ways = {}
        for sort in ("id", "-id"):
            ids, at = [], f"{path}?limit=2&sort={sort}"
            while at:
                told = api.owner("GET", at)[1]
                ids += [one["id"] for one in told["items"]]
                at = f"{path}?limit=2&sort={sort}&cursor={told['next']}" if told["next"] else ""
            ways[sort] = ids
        assert ways["id"] == ways["-id"][::-1]
        assert len(ways["id"]) == len(set(ways["id"]))
    assert api.owner("GET", "/devices?sort=seen")[0] == 400
