"""Several sources of one patient as one: an ECG and pressures that are streams of their own."""

from collections import Counter
from collections.abc import Mapping, Sequence

from organtwin.link.data_link import DataLink, LinkPhase, LinkState
from organtwin.patient.samples import Numbers, Samples

_BEST_FIRST = (
    LinkPhase.LIVE, LinkPhase.STALLED, LinkPhase.LOST, LinkPhase.CONNECTING, LinkPhase.ENDED,
)  # fmt: skip


class Together:
    """A ``DataLink`` of others; they must share a clock. Its phase is that of the best of them."""

    def __init__(self, links: Sequence[DataLink]) -> None:
        self._links = tuple(links)

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for link in self._links for name in link.channels))

    @property
    def state(self) -> LinkState:
        states = [link.state for link in self._links]
        best = min(states, key=lambda state: _BEST_FIRST.index(state.phase))
        sentence = "; ".join(dict.fromkeys(state.sentence for state in states))
        return LinkState(best.phase, sentence, best.since)

    @property
    def refused(self) -> Mapping[str, int]:
        found: Counter[str] = Counter()
        for link in self._links:
            found.update(link.refused)
        return dict(found)

    def poll(self) -> tuple[Samples | Numbers, ...]:
        return tuple(chunk for link in self._links for chunk in link.poll())

    def close(self) -> None:
        for link in self._links:
            link.close()
