"""What came out of the comparison, as text, as data, and as a picture (SVG)."""

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from therapy_rows import NO_EVIDENCE, Compared, Row

from organtwin.therapy.model_error import REACH_90

LeftOut = tuple[Row, str]
SETS: Mapping[str, str] = {
    "A": "Half A (odd rows, tuning)",
    "B strict": "Half B, untouched and unseen",
    "B": "Half B, untouched, with those seen",
    "F strict": "Fresh rows, never tuned to, unseen",
    "F": "Fresh rows, with those seen",
    "all": "All rows",
}
HEAD = (
    " row h study   therapy                variable        baseline response predicted "
    "90 % band         sign  error change"
)
SIZE, MARGIN, REACH = 640, 70, 1.0
"""[px] of the picture and round it; relative changes beyond -1 and +1 stand at its rim."""
COLOURS = ("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#8c564b", "#17becf", "#7f7f7f",
           "#bcbd22", "#e377c2", "#005f73", "#9b2226")  # fmt: skip


def in_set(item: Compared, name: str) -> bool:
    row = item.row
    if name == "A":
        return row.half == "A"
    if name == "all":
        return True
    allowed = ("untouched",) if name.endswith("strict") else ("untouched", "seen")
    return row.half == name[0] and row.status in allowed


def figures(items: Sequence[Compared]) -> dict[str, Any]:
    """Counts and medians over some rows."""
    signs = [item.same_sign for item in items if item.same_sign is not None]
    errors = [item.error for item in items if item.error is not None]
    changes = [item.change_error for item in items if item.change_error is not None]
    covered = [item.covered for item in items if item.covered is not None]
    means = [item.mean_covered for item in items if item.mean_covered is not None]
    return {
        "rows": len(items), "signs_right": sum(signs), "signs_asked": len(signs),
        "median_error": statistics.median(errors) if errors else None,
        "median_change_error": statistics.median(changes) if changes else None,
        "inside_band": sum(covered), "mean_inside": sum(means), "bands_asked": len(covered),
    }  # fmt: skip


def data(compared: Sequence[Compared], left_out: Sequence[LeftOut]) -> dict[str, Any]:
    """Everything as plain values, by set, by family of therapy and by row."""
    families = sorted({item.family for item in compared})
    return {
        "sets": {name: figures([c for c in compared if in_set(c, name)]) for name in SETS},
        "families": {
            name: figures([c for c in compared if c.family == name]) for name in families
        },
        "rows": [_row_data(item) for item in compared],
        "left_out": [{"row": row.name, "study": row.study, "reason": why} for row, why in left_out],
        "no_evidence": sum(row.evidence in NO_EVIDENCE for row, _ in left_out),
    }  # fmt: skip


def _row_data(item: Compared) -> dict[str, Any]:
    row = item.row
    return {
        "row": row.name, "half": row.half, "status": row.status, "study": row.study,
        "therapy": row.therapy, "family": item.family, "variable": row.variable,
        "baseline": row.baseline, "published": row.response, "predicted": item.response,
        "band": None if item.low is None else [item.low, item.high],
        "band_of_mean": None if item.mean_low is None else [item.mean_low, item.mean_high],
        "quantity": item.quantity, "levels": _levels(item),
        "same_sign": item.same_sign, "error": item.error, "change_error": item.change_error,
    }  # fmt: skip


def _levels(item: Compared) -> list[float] | None:
    """Published level, predicted one, standard error of the first, level before; all SI."""
    if not item.quantity:
        return None
    row = item.row
    found = [item.level(value) for value in (row.response, item.response)]
    doubt = abs(item.level(row.response + row.spread) - found[0]) / REACH_90
    start = item.before if row.is_change else item.level(row.baseline)
    return [*found, doubt, start]


def text(compared: Sequence[Compared], left_out: Sequence[LeftOut]) -> str:
    found = data(compared, left_out)
    return "\n".join([
        HEAD, *map(line, compared), "", *_left_out(left_out), "",
        "By family of therapy", *(_summary(f"  {k}", v) for k, v in found["families"].items()), "",
        *(_summary(SETS[name], found["sets"][name]) for name in SETS),
    ])  # fmt: skip


def line(item: Compared) -> str:
    row = item.row
    band = "" if item.low is None else f"{item.low:.3g} to {item.high:.3g}"
    sign = {True: "yes", False: "NO", None: "-"}[item.same_sign]
    error = "-" if item.error is None else f"{item.error:.0%}"
    change = "-" if item.change_error is None else f"{item.change_error:.0%}"
    return (
        f"{row.name:>4} {row.half} {row.study:7} {row.therapy[:22]:22} {row.variable:15} "
        f"{row.baseline:8.4g} {row.response:8.4g} {item.response:8.3g}  {band:18} {sign:4} "
        f"{error:>6} {change:>6} {'' if row.status == 'untouched' else row.status}"
    )


def _left_out(left_out: Sequence[LeftOut]) -> Iterator[str]:
    unsupported = [row for row, _ in left_out if row.evidence in NO_EVIDENCE]
    yield (
        f"Left out: {len(left_out)} rows, {len(unsupported)} of them as they are from memory or "
        "assumed, which is no evidence"
    )
    for reason, count in Counter(reason for _, reason in left_out).most_common():
        names = ", ".join(f"{row.study} {row.variable}" for row, why in left_out if why == reason)
        yield f"  {count:2d}  {reason}: {names}"


def summary(title: str, items: Sequence[Compared]) -> str:
    """Some rows in one line."""
    return _summary(title, figures(items))


def _summary(title: str, found: Mapping[str, Any]) -> str:
    if not found["rows"]:
        return f"{title}: no rows"
    coverage = "not asked"
    if asked := found["bands_asked"]:
        coverage = (
            f"{found['inside_band']} of {asked}, means agree within the model error and their own "
            f"doubt {found['mean_inside']}"
        )
    error, change = found["median_error"], found["median_change_error"]
    return (
        f"{title}: {found['rows']} rows, sign right in {found['signs_right']} of "
        f"{found['signs_asked']}, median error of the response {_percent(error)}, of the change "
        f"{_percent(change)}, inside the 90 % band of one patient {coverage}"
    )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def picture(compared: Sequence[Compared], title: str) -> str:
    """Predicted over published relative change with 90 % bands, coloured by family."""
    families = sorted({item.family for item in compared})
    colour = {name: COLOURS[k % len(COLOURS)] for k, name in enumerate(families)}
    parts = [*_axes(title), *_legend(colour)]
    for item in compared:
        parts.extend(_mark(item, colour[item.family]))
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{SIZE + 170}" height="{SIZE}" '
        'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
    )
    return "\n".join([head, *parts, "</svg>\n"])


def _at(share: float) -> float:
    """Distance [px] from the left rim, or from the lower one, of a relative change."""
    bounded = min(max(share, -REACH), REACH)
    return MARGIN + (SIZE - 2 * MARGIN) * (bounded + REACH) / (2 * REACH)


def _axes(title: str) -> Iterator[str]:
    low, high = _at(-REACH), _at(REACH)
    yield f'<text x="{low:.0f}" y="24" font-size="14">{escape(title)}</text>'
    for end in (-REACH, -0.5, 0.0, 0.5, REACH):
        x, y = _at(end), SIZE - _at(end)
        yield (
            f'<path d="M{x:.1f} {SIZE - low:.1f}V{SIZE - high:.1f}M{low:.1f} {y:.1f}H{high:.1f}" '
            'stroke="#ddd" fill="none"/>'
        )
        yield f'<text x="{x:.1f}" y="{SIZE - low + 18:.1f}" text-anchor="middle">{end:+.0%}</text>'
        yield f'<text x="{low - 8:.1f}" y="{y + 4:.1f}" text-anchor="end">{end:+.0%}</text>'
    yield (
        f'<path d="M{low:.1f} {SIZE - low:.1f}L{high:.1f} {SIZE - high:.1f}" stroke="#888" '
        'stroke-dasharray="5 4"/>'
    )
    yield f'<text x="{SIZE / 2}" y="{SIZE - 22}" text-anchor="middle">published change</text>'
    yield (
        f'<text transform="translate(18 {SIZE / 2}) rotate(-90)" text-anchor="middle">'
        "predicted change</text>"
    )


def _legend(colour: Mapping[str, str]) -> Iterator[str]:
    x = SIZE - MARGIN + 20
    for k, (name, paint) in enumerate(colour.items()):
        y = MARGIN + 20 * k
        yield f'<circle cx="{x}" cy="{y}" r="5" fill="{paint}"/>'
        yield f'<text x="{x + 12}" y="{y + 4}">{escape(name)}</text>'
    y = MARGIN + 20 * (len(colour) + 1)
    for k, words in enumerate(("filled: untouched, fresh", "hollow: tuned, seen, half A")):
        yield f'<text x="{x - 6}" y="{y + 18 * k}">{words}</text>'


def _mark(item: Compared, paint: str) -> Iterator[str]:
    row = item.row
    shown = in_set(item, "B strict") or in_set(item, "F strict")
    x, y = _at(row.change / item.scale), SIZE - _at(item.change / item.scale)
    words = f"{row.study} {row.variable}: published {row.change:.3g}, predicted {item.change:.3g}"
    if item.low is not None and item.high is not None:
        ends = [SIZE - _at((end - row.baseline) / item.scale) for end in (item.low, item.high)]
        yield f'<path d="M{x:.1f} {ends[0]:.1f}V{ends[1]:.1f}" stroke="{paint}" opacity="0.5"/>'
    yield (
        f'<g><title>{escape(words)}</title><circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" '
        f'fill="{paint if shown else "white"}" stroke="{paint}" stroke-width="1.5"/></g>'
    )
