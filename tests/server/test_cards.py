"""Stories of what the pages show: values in, words and widths out."""

from fumo.codes import Kind
from fumo.server.edges.pages.cards import campaign_look
from fumo.server.edges.views import Progress
from fumo.server.rows import Campaign, Package


def progress(states: dict[str, int], retried: dict[str, int]) -> Progress:
    campaign = Campaign(1, "spring", 1, Kind.DOWNLOAD_AND_UPDATE, 0.0)
    return Progress(campaign, Package(1, "fw", "2", "ab", 9), states, {}, retried)


def test_a_campaign_shows_each_device_once_by_its_newest_operation():
    """A failure that was ordered anew is not a broken device."""
    look = campaign_look(progress({"succeeded": 20, "failed": 2}, {"failed": 2}))
    assert (look.total, look.retried, look.percent) == (20, 2, 100)
    assert [(s.state, s.number) for s in look.segments] == [("succeeded", 20)]


def test_a_failure_that_nobody_ordered_anew_stays_in_sight():
    look = campaign_look(progress({"succeeded": 3, "failed": 1}, {}))
    assert [(s.state, s.number) for s in look.segments] == [("succeeded", 3), ("failed", 1)]
