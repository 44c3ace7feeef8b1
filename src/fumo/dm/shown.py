"""A peer's words in our lines and errors: cut short, with no power over a terminal. Pure."""

WORD_CHARACTERS_MAX = 40
"""Characters of a peer's word that an error repeats."""


def shown(word: str) -> str:
    """A word in an error."""
    return escaped(word[:WORD_CHARACTERS_MAX])


def escaped(text: str) -> str:
    """Text in which whatever would not be printed is written as an escape."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
