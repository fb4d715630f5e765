"""``organtwin cases``, ``organtwin therapies`` and ``organtwin conditions``."""

import json
from dataclasses import asdict

from organtwin.commands.tables import columns
from organtwin.patient.case_file import bundled_cases
from organtwin.patient.conditions import vocabulary
from organtwin.therapy.catalogue import THERAPIES


def list_cases(*, as_json: bool) -> int:
    """Print the bundled cases."""
    cases = bundled_cases()
    if as_json:
        rows = [
            {"name": c.name, "title": c.title, "diagnosis": c.diagnosis, "default": c.is_default}
            for c in cases
        ]
        print(json.dumps(rows, indent=2))
        return 0
    cells = [(c.name + (" *" if c.is_default else ""), c.title, c.diagnosis) for c in cases]
    print(columns(cells, ("name", "title", "diagnosis"), (False, False, False)))
    print("\n* opened when no case is named")
    return 0


def list_therapies(*, as_json: bool) -> int:
    """Print the therapies with unit, range and evidence."""
    kinds = THERAPIES.values()
    if as_json:
        rows = [
            {
                "name": k.name, "label": k.label, "unit": k.unit, "lower": k.lower,
                "upper": k.upper, "default": k.default, "evidence": k.evidence,
                "population": k.population, "limits": k.limits, "equation": k.equation,
                "source": k.source,
            }
            for k in kinds
        ]  # fmt: skip
        print(json.dumps(rows, indent=2))
        return 0
    cells = [
        (k.name, k.label, f"{k.lower:g} to {k.upper:g}", f"{k.default:g}", k.unit, k.evidence)
        for k in kinds
    ]
    header = ("name", "therapy", "range", "usual", "unit", "evidence")
    print(columns(cells, header, (False, False, True, True, False, False)))
    return 0


def list_conditions(*, as_json: bool) -> int:
    """Print the conditions with what is declined in them and what they count as."""
    known = vocabulary().values()
    if as_json:
        print(json.dumps([asdict(condition) for condition in known], indent=2))
        return 0
    cells = [(c.name, ", ".join((*c.outside, *c.traits)), ", ".join(c.words)) for c in known]
    header = ("condition", "declined, or counts as", "other names")
    print(columns(cells, header, (False, False, False)))
    return 0
