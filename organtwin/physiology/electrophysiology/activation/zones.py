"""Zones of muscle: by segment and by health, so that a scar only changes speeds.

The zone of an element is its health times ``N_SEGMENTS`` plus its segment.
"""

from organtwin.anatomy.regions import Segment
from organtwin.physiology.electrophysiology.activation.tissue import Health

N_SEGMENTS = max(Segment) + 1
N_ZONES = N_SEGMENTS * len(Health)
