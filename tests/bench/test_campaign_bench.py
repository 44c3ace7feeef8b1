"""The benchmark of campaigns runs to its end on a small fleet. No time is ever asserted."""

from bench import campaign


def test_a_campaign_and_its_bare_rows_are_measured():
    text, verdicts = campaign.section(rounds=2, devices=300)
    assert {verdict.message for verdict in verdicts} >= {"sqlite"}
    assert all(verdict.ratio is not None for verdict in verdicts)
    assert campaign.FILTER in text
