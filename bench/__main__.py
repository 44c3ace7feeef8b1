"""`python3 dev.py bench SECTION [--gate] [--rounds N] [--out FILE]`.

Measures, prints the table, and writes it into its section of the page of results. Exits 1 when a
*must* is missed or could not be measured, and only if it was asked to (`--gate`).
"""

import argparse
import sys
from pathlib import Path

from bench import campaign, codec, depot, download, fleet, page

RESULTS = Path(__file__).with_name("RESULTS.md")
SECTIONS = {
    "codec": codec.section,
    "download": download.section,
    "campaign": campaign.section,
    "fleet": fleet.section,
    "depot": depot.section,
}


def main(words: list[str]) -> int:
    """Run one section."""
    parser = argparse.ArgumentParser(prog="dev.py bench", description=__doc__.splitlines()[0])
    parser.add_argument("section", choices=SECTIONS)
    parser.add_argument("--gate", action="store_true", help="exit 1 when a must is missed")
    parser.add_argument("--rounds", type=int, default=9, help="rounds (default: 9)")
    parser.add_argument("--out", type=Path, default=RESULTS, help="the page of results")
    asked = parser.parse_args(words)
    text, verdicts = SECTIONS[asked.section](asked.rounds)
    print(text)
    page.write_section(asked.out, asked.section, text)
    return int(asked.gate and not all(verdict.holds for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
