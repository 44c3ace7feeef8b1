"""A document larger than a message comes in chunks, and is the same document afterwards."""

import pytest

from fumo.dm import MD5, WBXML, XML, Limits
from fumo.dm.documents import TNDS_WBXML, TNDS_XML
from fumo.dm.message import Add, Item, Location, Meta
from fumo.dm.session import Request
from fumo.dm.tnds import TndsNode, TndsTree, decode_tnds, encode_tnds
from tests.dm.test_any_size import Both

TREE = TndsTree(
    (
        TndsNode(
            "A",
            format="node",
            type="",
            children=tuple(
                TndsNode(f"Leaf{n}", format="bin", value=bytes(range(n, n + 90))) for n in range(90)
            ),
        ),
    )
)
SMALL = Limits(2000, 100_000)


@pytest.mark.clause("C-LOB", "S-LOB", "T6-06")
@pytest.mark.parametrize("form", [XML, WBXML])
@pytest.mark.parametrize("given_as", [TNDS_XML, TNDS_WBXML])
def test_a_large_tree_is_whole_after_its_chunks(form: str, given_as: str):
    body = encode_tnds(TREE, given_as)
    data = body.decode() if given_as == TNDS_XML else body
    item = Item(Location("./A"), meta=Meta("xml", given_as), data=data)
    both = Both([], SMALL, SMALL, form, MD5)
    both.requests = [Request("tree", Add((item,)))]
    assert both.run() > 5
    assert both.largest["server"] <= SMALL.msg_size_max
    assert both.told["tree"].code == 200
    assert decode_tnds(both.written["./A"]) == TREE
