"""Several links as one."""

from organtwin.link.data_link import LinkPhase, LinkState
from organtwin.link.together import Together
from tests.link.played import chunk


class Scripted:
    """A link that is as the test says."""

    def __init__(self, phase: LinkPhase, *chunks, refused=()):
        self.state = LinkState(phase, f"{phase.value} it is", 0.0)
        self.channels = tuple(n for each in chunks for n in getattr(each, "channels", ()))
        self.refused = dict.fromkeys(refused, 1)
        self.chunks, self.closed = chunks, False

    def poll(self):
        return self.chunks

    def close(self):
        self.closed = True


def test_everything_of_all_is_delivered():
    one, other = chunk(0, channels=("II",)), chunk(0, channels=("ABP",))
    links = (
        Scripted(LinkPhase.LIVE, one, refused=("a", "b")),
        Scripted(LinkPhase.LIVE, other, refused=("b",)),
    )
    both = Together(links)
    assert both.poll() == (one, other)
    assert both.channels == ("II", "ABP")
    assert both.refused == {"a": 1, "b": 2}
    both.close()
    assert all(link.closed for link in links)


def test_it_is_as_live_as_the_best_and_ended_when_all_are():
    def phase(*phases):
        return Together([Scripted(each) for each in phases]).state.phase

    assert phase(LinkPhase.CONNECTING, LinkPhase.LIVE) is LinkPhase.LIVE
    assert phase(LinkPhase.ENDED, LinkPhase.STALLED) is LinkPhase.STALLED
    assert phase(LinkPhase.ENDED, LinkPhase.ENDED) is LinkPhase.ENDED


def test_what_each_says_is_said():
    state = Together([Scripted(LinkPhase.CONNECTING), Scripted(LinkPhase.LIVE)]).state
    assert state.sentence == "connecting it is; live it is"
