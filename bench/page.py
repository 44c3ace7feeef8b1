"""The page of results: one section for each part of the benchmark, replaced when it runs anew."""

from pathlib import Path

TITLE = """# Results

Written by `python3 dev.py bench`. Ratios within one run are what counts; the times beside them are
those of one machine on one day.
"""


def write_section(path: Path, name: str, text: str) -> None:
    """Put a section's text in the place of its old one, or at the end."""
    start, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
    old = path.read_text("utf-8") if path.exists() else TITLE
    before, found, rest = old.partition(start)
    after = rest.partition(end)[2] if found else ""
    gap = "" if found else "\n"
    path.write_text(f"{before}{gap}{start}{text.strip()}\n{end}{after}", "utf-8")


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown whose columns are straight when read as text, too."""
    widths = [max(len(row[n]) for row in [heads, *rows]) for n in range(len(heads))]
    return "\n".join(
        "| " + " | ".join(map(str.ljust, line, widths)) + " |"
        for line in [heads, ["-" * width for width in widths], *rows]
    )
