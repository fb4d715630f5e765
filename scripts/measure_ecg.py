"""Table of what every public recording measures. Usage: measure_ecg.py [FOLDER of ecg].

At the end: how the rules of the two complete bundle branch blocks do on all records of PTB-XL.
"""

import csv
import sys
import time
from collections import Counter
from math import degrees
from pathlib import Path

from organtwin.errors import RecordError
from organtwin.patient.ecg.examination import EcgExamination, examined
from organtwin.patient.readers import read_recording

FOLDER = Path(__file__).resolve().parents[2] / "shared/data/ecg"
PATTERNS = ("dicom/*.dcm", "hl7-aecg/*.xml", "ptb-xl/*.hea", "ludb/*.hea", "cinc2021/*.hea",
            "cpsc2018/*.hea", "physionet-misc/s0010_re.hea")  # fmt: skip
TIMES = ("rr_interval", "p_duration", "pr_interval", "qrs_duration", "qt_interval",
         "qtc_fridericia")  # fmt: skip
AXES = ("p_axis", "qrs_axis", "t_axis")


def labels(folder: Path) -> dict[str, str]:
    path = folder / "labels.csv"
    if not path.is_file():
        return {}
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {f"{int(r['ecg_id']):05d}_hr" if "ecg_id" in r else r["ID"]: r["stratum"] for r in rows}


def line(found: EcgExamination) -> str:
    values = found.measurements.values
    parts = [f"{1e3 * values[n].value:5.0f}" if n in values else "    -" for n in TIMES]
    parts += [f"{degrees(values[n].value):5.0f}" if n in values else "    -" for n in AXES]
    parts.append(f"{found.average.n_beats:3d}/{len(found.beats):<3d}")
    parts.append(f"{1e6 * float(found.average.noise.mean()):5.1f}")
    parts.append(f"{found.measurements.transition or '-':3s}")
    parts.append("; ".join(p.name for p in found.patterns if p.holds))
    parts += [f"SWAP {s.electrodes}" for s in found.swaps]
    parts += ["PACED" for text in (found.pacing,) if text.startswith("the rhythm is paced")]
    parts += [f"OUT {q.name} {q.faults[0]}" for q in found.qualities if not q.usable]
    parts += [f"ALGEBRA {i.lead}" for i in found.identities if not i.holds]
    return " ".join(parts)


def main(folder: Path) -> None:
    print(
        "record, label | RR P PR QRS QT QTcF [ms] | axis P QRS T [deg] | beats | noise [uV] | ..."
    )
    for pattern in PATTERNS:
        known = labels(folder / pattern.split("/")[0])
        for path in sorted(folder.glob(pattern)):
            begun = time.perf_counter()
            try:
                text = line(examined(read_recording(path)))
            except RecordError as error:
                text = f"refused: {error}"
            spent = time.perf_counter() - begun
            print(f"{path.stem[:12]:12s} {known.get(path.stem, '')[:12]:12s} {text} {spent:.2f} s")


def block_rules(folder: Path) -> None:
    """Sensitivity and specificity against the labels of PTB-XL."""
    rules = {"CLBBB": "left bundle branch block", "CRBBB": "right bundle branch block"}
    counts: Counter[tuple[str, bool, bool]] = Counter()
    with (folder / "labels.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        found = examined(read_recording(folder / f"{int(row['ecg_id']):05d}_hr.hea"))
        held = {pattern.name for pattern in found.patterns if pattern.holds}
        for code, name in rules.items():
            counts[code, f"'{code}'" in row["scp_codes"], name in held] += 1
    for code, name in rules.items():
        hit, missed = counts[code, True, True], counts[code, True, False]
        right, wrong = counts[code, False, False], counts[code, False, True]
        print(f"{name}: found {hit} of {hit + missed}, absent {right} of {right + wrong}")


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    main(chosen)
    block_rules(chosen / "ptb-xl")
