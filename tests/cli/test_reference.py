"""The page of commands says what the program says."""

from pathlib import Path

from fumo.cli.reference import page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "commands.md"


def test_the_page_is_what_the_program_says():
    told = "made anew by: python -m fumo.cli.reference > docs/reference/commands.md"
    assert PAGE.read_text() == page(), told


def test_options_that_all_share_are_told_once():
    assert page().count("`--token-file FILE`") == 1
    assert "## fumo campaign create" in page()
