"""Any message, for properties that must hold for all of them.

`messages()` are those that XML and WBXML carry alike; `messages(raw=True)` also hold raw bytes.
"""

from hypothesis import strategies as st

from fumo.dm.message import (
    Add,
    Alert,
    Atomic,
    Chal,
    Command,
    Copy,
    Cred,
    Delete,
    Exec,
    Get,
    Header,
    Item,
    Location,
    Message,
    Meta,
    Replace,
    Results,
    Sequence,
    Status,
    Unknown,
)

BLANKS = " \t\r\n"
NUMBER_MAX = 2**32 - 1
STRANGE_COMMANDS = ("Put", "Search", "Map", "Sync", "Move")

# What XML 1.0 can carry: no half characters, no control characters but tab, CR and LF.
exact = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\r\n&<>]\"'\x7f\x85"),
    max_size=24,
)
words = exact.map(lambda text: text.strip(BLANKS))
uris = st.sampled_from(("./DevInfo/DevId", ".", "./FUMO/x?list=Struct", "")) | words
numbers = st.integers(0, NUMBER_MAX)
counts = st.integers(1, NUMBER_MAX)
ids = counts | st.uuids().map(str)
refs = st.just(0) | ids


def tuples(of: st.SearchStrategy, most: int = 3) -> st.SearchStrategy:
    """A few of them, in order."""
    return st.lists(of, max_size=most).map(tuple)


locations = st.builds(Location, uris, st.none() | words)
metas = st.builds(
    Meta,
    st.none() | st.sampled_from(("chr", "int", "bool", "node", "b64", "xml")) | words,
    st.none() | words,
    st.none() | st.sampled_from(("fatal", "critical", "informational")),
    st.none() | numbers,
    st.none() | words,
    st.none() | numbers,
    st.none() | numbers,
)
maybe_meta = st.none() | metas
creds = st.builds(Cred, words, maybe_meta)
text_items = st.builds(
    Item,
    st.none() | locations,
    st.none() | locations,
    maybe_meta,
    st.none() | exact,
    st.booleans(),
)
raw_items = st.builds(
    Item,
    target=st.none() | locations,
    meta=st.builds(Meta, format=st.just("bin"), type=st.none() | words),
    data=st.binary(max_size=200),
)
headers = st.builds(
    Header,
    session_id=words.filter(bool),
    msg_id=counts,
    target=locations,
    source=locations,
    resp_uri=st.none() | uris,
    cred=st.none() | creds,
    meta=maybe_meta,
)


def flat_commands(items: st.SearchStrategy) -> st.SearchStrategy:
    """Any command that holds no commands."""
    on_items = [
        st.builds(command, items, ids, maybe_meta) for command in (Add, Replace, Copy, Delete, Get)
    ]
    return st.one_of(
        st.builds(
            Status,
            numbers,
            refs,
            words,
            numbers,
            ids,
            tuples(uris),
            tuples(uris),
            st.none() | st.builds(Chal, metas),
            items,
        ),
        st.builds(
            Results, numbers, refs, items, ids, maybe_meta, st.none() | uris, st.none() | uris
        ),
        st.builds(Alert, numbers, ids, st.none() | exact, items),
        st.builds(Exec, items, ids, maybe_meta, st.none() | exact),
        st.builds(Unknown, st.sampled_from(STRANGE_COMMANDS), ids),
        *on_items,
    )


def commands(items: st.SearchStrategy) -> st.SearchStrategy[Command]:
    """Any command."""
    return st.recursive(
        flat_commands(items),
        lambda inner: st.builds(
            lambda kind, held, number, meta: kind(held, number, meta),
            st.sampled_from((Atomic, Sequence)),
            tuples(inner),
            ids,
            maybe_meta,
        ),
        max_leaves=4,
    )


def messages(raw: bool = False) -> st.SearchStrategy[Message]:
    """Any message."""
    items = tuples(st.one_of(text_items, raw_items) if raw else text_items)
    return st.builds(Message, headers, tuples(commands(items), 5), st.booleans())
