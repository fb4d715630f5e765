"""``organtwin ecg --fit``: which activations of the heart explain a recorded ECG."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from organtwin.commands.progress import shown
from organtwin.patient.case_file import load_case
from organtwin.twin.ecg_fitting import fitting_electrics
from organtwin.units import MS

if TYPE_CHECKING:
    from organtwin.twin.ecg_fitting import FittedElectrics


def show_ecg_fit(file: Path, *, members: int | None, as_json: bool) -> int:
    """Fit the template heart's electrics to a recording or the ECG of a case, and print it."""
    steps = shown(fitting_electrics(load_case(str(file)), n_members=members))
    found = [step.fitted for step in steps if step.fitted is not None][-1]
    print(json.dumps(facts(found), indent=2) if as_json else text(found))
    return 0


def facts(found: "FittedElectrics") -> dict[str, object]:
    """Everything for programs; times in ms."""
    doubt = found.answer.surface.doubt
    known = np.array([]) if doubt is None else doubt[np.isfinite(doubt)] / MS
    return {
        "members": len(found.members),
        "qrs_correlation": round(found.qrs_correlation, 3),
        "qrst_correlation": round(found.qrst_correlation, 3),
        "leads": {lead: round(r, 2) for lead, r in found.answer.comparison.correlations.items()},
        "blocked": {branch: round(share, 2) for branch, share in found.blocked.items()},
        "body": found.answer.comparison.body,
        "doubt_of_activation_ms": round(float(np.median(known)), 1) if len(known) else None,
    }


def text(found: "FittedElectrics") -> str:
    """The same for people."""
    told = facts(found)
    blocked = [
        f"  {branch.replace('_', ' ')} blocked in {share:.0%}"
        for branch, share in found.blocked.items()
    ]
    leads = ", ".join(f"{lead} {r:.2f}" for lead, r in found.answer.comparison.correlations.items())
    return "\n".join((
        f"{told['members']} explanations of the ECG",
        f"  {told['body']}",
        f"  correlation: QRS {found.qrs_correlation:.2f}, QRS and T {found.qrst_correlation:.2f}",
        f"  the best, by lead: {leads}",
        *blocked,
        f"  time of excitation known to {told['doubt_of_activation_ms']} ms "
        "(half the 90 % band, median over the ventricles)",
    ))  # fmt: skip
