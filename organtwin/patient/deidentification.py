"""Taking out of what was read whatever tells who the patient is; pure values, nothing is written.

What stays is chosen, not what goes: quantities, sex, age, height, weight, dates moved by one offset
for each case, and words of this program. After the safe harbour of HIPAA (45 CFR 164.514(b)(2)) no
name, number, address or free text stays and ages above 89 become 90. Moved dates keep their
intervals; safe harbour itself would keep only years.
"""

import hashlib
import hmac
import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta

from organtwin.patient.measurement import Measurement
from organtwin.patient.record import Demographics

OLDEST = 89.0
"""[years] The highest age that is kept."""
AGGREGATED = 90.0
"""[years] What a higher one becomes: 90 or older."""
_SHIFTS = (30, 1500)
"""[days] by which dates go back: never into the future, and so far that the year is not told."""


def date_shift(case_id: str, secret: bytes) -> timedelta:
    """The offset of a case: the same for everything in it, not to be told without ``secret``."""
    digest = hmac.new(secret, case_id.encode(), hashlib.sha256).digest()
    least, most = _SHIFTS
    return -timedelta(days=least + int.from_bytes(digest[:8], "big") % (most - least + 1))


def shifted(day: date | None, shift: timedelta) -> date | None:
    """A date moved; none stays none."""
    return None if day is None else day + shift


def without_identity(
    measurements: Iterable[Measurement], shift: timedelta
) -> tuple[Measurement, ...]:
    """Measurements with moved dates; their sources must be words of this program already."""
    return tuple(replace(entry, taken=shifted(entry.taken, shift)) for entry in measurements)


def person_without_identity(who: Demographics) -> Demographics:
    """Age in whole years, and 90 for all above 89."""
    if who.age is None:
        return who
    age = AGGREGATED if who.age >= OLDEST + 1.0 else float(math.floor(who.age))
    return replace(who, age=age)


def said_removed(
    private: Iterable[str], *, dates: bool, old: bool, recording: bool
) -> Iterator[str]:
    """What was removed from one file: names of fields, never what stood in them."""
    yield "name of the file"
    yield from private
    if recording:
        yield "everything but signals and annotated intervals"
    if dates:
        yield "dates (moved by one offset for the case)"
    if old:
        yield "age above 89 (given as 90)"
