"""Whether a plan in time may be shown: what is given together, beside the checked ranges.

Verified in tests/twin/test_checked_course.py.
"""

from collections.abc import Sequence

from organtwin.simulation.conditions import Excitation
from organtwin.therapy.plan import TherapyPlan
from organtwin.twin.beyond import Beyond
from organtwin.twin.checked_range import beyond
from organtwin.twin.time_course import Scheduled
from organtwin.twin.twin import Twin


def beyond_in_time(
    twin: Twin, course: Sequence[Scheduled], excitation: Excitation | None = None
) -> tuple[Beyond, ...]:
    """Everything outside what was checked at any time of the course, each reason once.

    What is given changes only where something starts or stops. What a drug leaves behind after its
    stop is not asked about: its exposure is less than it was.
    """
    changes = {0.0, *(t for item in course for t in (item.start, item.stop) if t is not None)}
    found = [
        reason
        for time in sorted(changes)
        for reason in beyond(
            twin,
            TherapyPlan(tuple(i.therapy for i in course if i.given(time)), excitation),
        )
    ]
    return tuple(dict.fromkeys(found))
