"""Ventricular pacing in a draft: what is added now is a pacemaker.

Plans that were kept may hold it as a therapy with a delay alone; these stay as they are, and a
pacemaker that is set takes their place.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from organtwin.units import MS

if TYPE_CHECKING:
    from organtwin.session.draft import Draft
    from organtwin.therapy.kind import Therapy


def added(draft: "Draft", therapy: "Therapy") -> "Draft":
    """The draft with the therapy; one that paces the ventricles sets the pacemaker."""
    if not therapy.kind.conduction:
        return draft.with_(therapy)
    from organtwin.therapy.pacing import PACED_AS

    mode = next(mode for mode, kind in PACED_AS.items() if kind.name == therapy.kind.name)
    pacemaker = replace(draft.electrics.pacemaker, mode=mode).at_av(therapy.dose * MS)
    return draft.with_electrics(draft.electrics.paced_by(pacemaker))
