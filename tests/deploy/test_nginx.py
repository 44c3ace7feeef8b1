"""The nginx that is shipped, by nginx itself: its files are read, and hide what they must."""

import pytest

from tests.deploy.front import NEEDED, Front, free_port
from tests.wire.certificates import Authority


@pytest.fixture(scope="module")
def conf(tmp_path_factory: pytest.TempPathFactory) -> Front:
    folder = tmp_path_factory.mktemp("nginx")
    authority = Authority(folder, "root")
    own = authority.signs("front", "DNS:localhost")
    places = {"fumo_servers": ["127.0.0.1:9"], "fumo_depots": ["127.0.0.1:9"]}
    return Front(folder / "n", free_port(), own, authority.root, places, folder)


@NEEDED
def test_nginx_has_nothing_to_say_against_it(conf: Front):
    said = conf.check()
    assert [line for line in said.splitlines() if "[warn]" in line or "[emerg]" in line] == []
