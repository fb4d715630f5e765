"""``organtwin drugs``: checking a drug file, and the user's own folder of them."""

from pathlib import Path

from organtwin.resources import user_data
from organtwin.therapy.catalogue import OWN_DRUGS
from organtwin.therapy.drug_file import read_drug
from organtwin.therapy.pharmacy import OWN, kind_of


def check_drug(path: Path) -> int:
    """Print what a drug file says, or raise what is wrong with it."""
    kind = kind_of(read_drug(path, check_unit=True))
    print(f"{kind.label}: {kind.lower:g} to {kind.upper:g} {kind.unit}, evidence {kind.evidence}")
    print(kind.equation)
    print(f"It can be read completely. To have it offered, put it into {user_data(OWN)}")
    return 0


def list_own_drugs() -> int:
    """Print the folder, the drugs in it, and the files that were refused; 1 if there are any."""
    print(user_data(OWN))
    for dosed in OWN_DRUGS.drugs.values():
        print(f"  {dosed.drug.name}: {dosed.drug.label}, evidence {dosed.drug.evidence}")
    for error in OWN_DRUGS.refused:
        print(f"  refused: {error}")
    return 1 if OWN_DRUGS.refused else 0
