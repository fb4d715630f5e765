"""Steps of a live source without one."""

from types import SimpleNamespace

import numpy as np

from organtwin.assimilation.following import FOLLOWED, Followed
from organtwin.assimilation.unexplained import Unexplained
from organtwin.link.data_link import LinkPhase, LinkState
from organtwin.patient.samples import Samples
from organtwin.twin.stream_loop import FollowStep
from organtwin.units import MMHG

LIVE = LinkState(LinkPhase.LIVE, "samples arrive", 0.0)


class FakeLink:
    """A link that only knows whether it was closed."""

    def __init__(self):
        self.closed = False

    def close(self):
        self.closed = True


def followed(time, interval=0.8, mean=90.0):
    members = np.linspace(-1.0, 1.0, 11)
    return Followed(
        time,
        interval,
        {"mean_arterial_pressure": mean * MMHG},
        0.1 * np.repeat(members[:, np.newaxis], len(FOLLOWED), axis=1),
        {
            "mean_arterial_pressure": (mean + members) * MMHG,
            "cardiac_output": (5.0 + members) * 1e-3 / 60.0,
        },
        {"mean_arterial_pressure": 0.0},
        (),
        0,
    )


def step(number=0, **changes):
    start = 0.04 * number
    values = np.sin(2 * np.pi * (start + np.arange(10) / 250.0))[np.newaxis]
    told = {
        "state": LIVE,
        "news": True,
        "age": 0.01,
        "lag": 0.005,
        "lag95": 0.012,
        "used": number,
        "reasons": {},
        "set_aside": {},
        "refused": {},
        "n_gaps": 0,
        "gap_seconds": 0.0,
        "duplicates": 0,
        "late": 0,
        "samples": (Samples("bed 4", ("II",), 1e-3 * values, start, 250.0, start, number),),
    }
    return FollowStep(**told | changes)


def unexplained(since=3.0):
    return Unexplained("mean_arterial_pressure", since, -2.4)


def fall(share=0.2):
    return SimpleNamespace(onset=10.0, share=share, fall=None, hearts=())
