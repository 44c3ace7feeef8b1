"""Any tree, description and provisioning document, for what must hold for all of them."""

from hypothesis import strategies as st

from fumo.dm import ddf, prov, tnds
from fumo.dm.document_parts import FORMATS
from tests.dm.strategies import exact, tuples, words

maybe = st.none() | words
formats = st.sampled_from([name for name in FORMATS if name not in ("bin", "node")])
leaf_values = (
    st.tuples(st.none() | formats, exact)
    | st.tuples(st.just("bin"), st.binary(max_size=40))
    | st.just((None, None))
)


def _leaf(held: tuple[str | None, str | bytes | None], *said: object) -> tnds.TndsNode:
    name, path, acl, title, tstamp, type_, verno = said
    return tnds.TndsNode(name, path, acl, held[0], title, tstamp, type_, verno, held[1])


said_of_any = (maybe, maybe, maybe, maybe, maybe, maybe, st.none() | st.integers(0, 0xFFFF))
tnds_leaves = st.builds(_leaf, leaf_values, *said_of_any)
tnds_nodes = st.recursive(
    tnds_leaves,
    lambda inner: st.builds(
        tnds.TndsNode,
        name=maybe,
        path=maybe,
        format=st.none() | st.just("node"),
        type=maybe,
        children=tuples(inner),
    ),
    max_leaves=8,
)
trees = st.builds(
    tnds.TndsTree, st.lists(tnds_nodes, min_size=1, max_size=3).map(tuple), maybe, maybe
)


def _described(count: tuple[str, int | None], types: tuple[tuple[str, ...], str], **said: object):
    occurrence, most = count
    return ddf.DdfNode(occurrence=occurrence, most=most, types=types[0], ddf_name=types[1], **said)


counts = st.tuples(st.sampled_from(ddf.OCCURRENCES[:4]), st.none()) | st.tuples(
    st.sampled_from(ddf.COUNTED), st.integers(ddf.OCCURRENCES_MIN, ddf.OCCURRENCES_MAX)
)
types = st.tuples(tuples(words), st.just("")) | st.tuples(st.just(()), words)
verbs = st.sets(st.sampled_from(ddf.VERBS)).map(
    lambda some: tuple(verb for verb in ddf.VERBS if verb in some)
)
described = {
    "name": words,
    "path": maybe,
    "access": verbs,
    "default": st.none() | exact,
    "description": maybe,
    "format": st.none() | st.sampled_from(FORMATS),
    "scope": st.sampled_from(ddf.SCOPES),
    "title": maybe,
    "case_sense": st.none() | st.sampled_from(ddf.CASES),
}
ddf_nodes = st.recursive(
    st.builds(_described, counts, types, **described),
    lambda inner: st.builds(_described, counts, types, **described, children=tuples(inner)),
    max_leaves=6,
)
descriptions = st.builds(
    ddf.Ddf, st.lists(ddf_nodes, min_size=1, max_size=3).map(tuple), maybe, maybe
)

names = words.filter(bool) | st.sampled_from(("APPID", "NAME", "AAUTHTYPE", "PXADDR", "PORTNBR"))
kinds = words.filter(bool) | st.sampled_from(("APPLICATION", "APPAUTH", "NAPDEF", "PORT"))
values = exact | st.sampled_from(("w7", "APPSRV", "IPV4", "DIGEST", "GSM-GPRS", "1.0"))
parms = st.builds(prov.Parm, names, values)
groups = st.recursive(
    st.builds(prov.Characteristic, kinds, tuples(parms)),
    lambda inner: st.builds(prov.Characteristic, kinds, tuples(parms), tuples(inner)),
    max_leaves=6,
)
provisionings = st.builds(prov.Provisioning, tuples(groups), st.just("1.0") | words)
