"""How much of a peer's message we are willing to read. Numbers only, each with its reason.

Whatever passes these bounds is read in time and memory proportional to its size.
"""

BODY_BYTES_MAX = 1 << 20
"""Bytes of one body: 64 times the largest MaxMsgSize met in the field."""

DEPTH_MAX = 64
"""Elements inside each other: a DM message needs 8, nested Atomics and documents a few more."""

NODES_MAX = 20_000
"""Elements in one message (and pieces of unusual text): a body full of Items stays below."""

TEXT_BYTES_MAX = 1 << 20
"""Text after expansion: a few bytes of WBXML can name a long string of its table many times."""

ATTRIBUTES_MAX = 16
"""Attributes of one element: DM has none but namespaces."""

DIGITS_MAX = 18
"""Digits of a number: every store and every language holds it in 64 bits."""

ID_CHARACTERS_MAX = 64
"""Characters of the word that a peer gives a command instead of a number: we repeat it."""

PLAIN_BYTES_MAX = 16_384
"""XML up to this size is too small to hold more than the other bounds allow (see `xml.parse`)."""

PLAIN_ATTRIBUTES_MAX = 128
"""Equal signs in such an XML body: namespaces on some forty elements, and base64 text."""
