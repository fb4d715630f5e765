"""Tables and the picture of ``measure_calibration.py``: coverage, ranks, errors, times."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from scipy.stats import binom, chi2, kstwo

Rows = list[dict[str, Any]]
BINS = 10
WIDTH, HEIGHT, GAP, COLUMNS = 220, 110, 46, 4
"""[px] of one histogram in the picture."""


def tables(rows: Rows) -> str:
    failed = [row for row in rows if "failed" in row]
    rows = [row for row in rows if "failed" not in row]
    lines = [
        f"{len(rows)} patients, {len(failed)} without a fit, "
        f"{rows[0]['members']} members, {_median([r['targets'] for r in rows]):.0f} targets each "
        f"({min(r['targets'] for r in rows)} to {max(r['targets'] for r in rows)})",
        f"point fit [s]: {_spread([r['fit_s'] for r in rows])}",
        f"posterior [s]: {_spread([r['posterior_s'] for r in rows])}",
        "",
        *_lever_lines(rows), "", *_doubt_lines(rows), "", *_quantity_lines(rows),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _lever_lines(rows: Rows) -> Iterator[str]:
    yield (
        f"{'lever':22s} {'50 %':>5s} {'90 %':>5s} {'(Wilson 95 %)':>15s} {'chi2 p':>7s} "
        f"{'ECDF p':>7s} {'z mean':>7s} {'z sd':>6s} {'called determined':>18s}"
    )
    for name in [lever["name"] for lever in rows[0]["levers"]]:
        found = [next(v for v in row["levers"] if v["name"] == name) for row in rows]
        shares = [share(rank, row["members"]) for rank, row in _ranked(found, rows)]
        z = [(v["truth"] - v["mean"]) / max(v["spread"], 1e-9) for v in found]
        yield (
            f"{name:22s} {_coverage_text(found)} {uniform_p(shares):7.3f} {ecdf_p(shares):7.3f} "
            f"{np.mean(z):7.2f} {np.std(z):6.2f} {np.mean([v['determined'] for v in found]):18.0%}"
        )
    every = [v for row in rows for v in row["levers"]]
    yield f"{'all levers':22s} {_coverage_text(every)}"


def _doubt_lines(rows: Rows) -> Iterator[str]:
    """Whether the word determined means anything: errors and widths in units of the prior."""
    yield "levers called:  n, 90 % band holds truth, RMS error of the mean and width [prior sd]"
    for word, wanted in (("determined", True), ("not", False)):
        found = [v for row in rows for v in row["levers"] if v["determined"] is wanted]
        if found:
            error = np.sqrt(np.mean([(v["truth"] - v["mean"]) ** 2 for v in found]))
            wide = _median([v["spread"] for v in found])
            yield (
                f"  {word:12s} {len(found):5d} {_coverage_text(found)}   {error:.2f}, {wide:.2f} "
                f"(Laplace {_median([v['laplace'] for v in found]):.2f})"
            )
    both = [v for row in rows for v in row["levers"]]
    agree = np.mean([(v["spread"] < 0.5) == v["determined"] for v in both])
    yield f"  members are narrower than half of the prior when the lever is so called: {agree:.0%}"


def _quantity_lines(rows: Rows) -> Iterator[str]:
    yield "quantity:  50 % 90 % coverage, median error of the twin and of the members' median"
    names = [q["name"] for q in rows[0]["quantities"]]
    for word, wanted in (("measured", True), ("not measured", False)):
        for name in names:
            found = _quantities(rows, wanted, name)
            if found:
                yield _quantity_line(name, word, found)
        every = _quantities(rows, wanted)
        yield _quantity_line("ALL", word, every)
        if wanted:
            off = [abs(q["best"] / q["reading"] - 1.0) for q in every if q["reading"]]
            raw = [abs(q["reading"] / q["truth"] - 1.0) for q in every if q["truth"]]
            yield (
                f"  twin against the readings: {_median(off):.1%}; "
                f"readings against the truth: {_median(raw):.1%}"
            )


def _quantity_line(name: str, word: str, found: Rows) -> str:
    return f"  {name:30s} {word:12s} {len(found):4d} {_coverage_text(found)} {_errors(found)}"


def _quantities(rows: Rows, measured: bool, name: str | None = None) -> list[dict[str, Any]]:
    every = (q for row in rows for q in row["quantities"])
    return [q for q in every if q["measured"] is measured and name in (None, q["name"])]


def _errors(found: list[dict[str, Any]]) -> str:
    known = [q for q in found if q["truth"]]  # of a valve that does not leak there is no share
    if not known:
        return f"{'-':>7s} {'-':>7s}"
    best = _median([abs(q["best"] / q["truth"] - 1.0) for q in known])
    middle = _median([abs(q["bands"][2] / q["truth"] - 1.0) for q in known])
    return f"{best:7.1%} {middle:7.1%}"


def _ranked(found: Rows, rows: Rows) -> Iterator[tuple[int, dict[str, Any]]]:
    yield from ((v["rank"], row) for v, row in zip(found, rows, strict=True))


def share(rank: int, members: int) -> float:
    """Where between 0 and 1 the truth lies among the members."""
    return (rank + 0.5) / (members + 1)


def uniform_p(shares: Sequence[float], bins: int = BINS) -> float:
    """Probability of a chi-square as large when ranks are uniform."""
    counts, _ = np.histogram(shares, bins, (0.0, 1.0))
    expected = len(shares) / bins
    return float(chi2.sf(((counts - expected) ** 2 / expected).sum(), bins - 1))


def ecdf_p(shares: Sequence[float]) -> float:
    """Probability of an ECDF as far from the straight line (Kolmogorov) when ranks are uniform."""
    n, places = len(shares), np.sort(shares)
    above = np.arange(1, n + 1) / n - places
    distance = max(above.max(), (1.0 / n - above).max())
    return float(kstwo.sf(distance, n))


def wilson(held: int, n: int) -> tuple[float, float]:
    """95 % interval of a share."""
    z, p = 1.96, held / n
    middle, half = p + z * z / (2 * n), z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return float((middle - half) / (1 + z * z / n)), float((middle + half) / (1 + z * z / n))


def summed_up(rows: Rows) -> tuple[int, int, str]:
    """How many bands are as honest as they say, how many are not, and coverage in words.

    A band is each lever and each quantity that was not measured. It fails where it holds the truth
    less often than 90 % by more than chance: a binomial test at 5 %, shared out among all of them
    (Bonferroni). A record without a fit counts as failed.
    """
    fitted = [row for row in rows if "failed" not in row]
    lost = len(rows) - len(fitted)
    if not fitted:
        return 0, lost, f"none of {lost} planted patients was fitted"
    levers = [v for row in fitted for v in row["levers"]]
    unseen = _quantities(fitted, False)
    names = [*dict.fromkeys(v["name"] for v in (*levers, *unseen))]
    groups = [[v for v in (*levers, *unseen) if v["name"] == name] for name in names]
    limit = 0.05 / len(groups)
    narrow = sum(
        bool(binom.cdf(sum(map(_holds, group)), len(group), 0.9) < limit) for group in groups
    )
    told = f"{len(fitted)} planted patients: 90 % bands hold {_share_held(levers)} of levers"
    if unseen:
        told += f" and {_share_held(unseen)} of quantities not measured"
    return len(groups) - narrow, narrow + lost, told


def _holds(found: dict[str, Any]) -> bool:
    return bool(found["bands"][0] <= found["truth"] <= found["bands"][4])


def _share_held(found: Rows) -> str:
    return f"{np.mean([_holds(v) for v in found]):.1%}"


def _coverage_text(found: Rows) -> str:
    inner = np.mean([v["bands"][1] <= v["truth"] <= v["bands"][3] for v in found])
    outer = [_holds(v) for v in found]
    low, high = wilson(sum(outer), len(outer))
    return f"{inner:5.0%} {np.mean(outer):5.1%} ({low:5.1%}, {high:6.1%})"


def _median(values: Sequence[float]) -> float:
    return float(np.median(values))


def _spread(values: Sequence[float]) -> str:
    return f"median {_median(values):.1f}, largest {max(values):.1f}"


def rank_picture(rows: Rows) -> str:
    """Histograms of the ranks as SVG, with the band that 95 % of uniform counts keep to."""
    rows = [row for row in rows if "failed" not in row]
    names = [lever["name"] for lever in rows[0]["levers"]]
    lines = -(-len(names) // COLUMNS)
    size = (COLUMNS * (WIDTH + GAP) + GAP, lines * (HEIGHT + GAP) + GAP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        'font-family="sans-serif" font-size="12">'
        f'<rect width="{size[0]}" height="{size[1]}" fill="white"/>'
    ]
    for index, name in enumerate(names):
        found = [row["levers"][index] for row in rows]
        shares = [share(rank, row["members"]) for rank, row in _ranked(found, rows)]
        place = (GAP + index % COLUMNS * (WIDTH + GAP), GAP + index // COLUMNS * (HEIGHT + GAP))
        parts += _histogram(name, shares, *place)
    return "\n".join([*parts, "</svg>"])


def _histogram(name: str, shares: Sequence[float], left: int, top: int) -> Iterator[str]:
    counts, _ = np.histogram(shares, BINS, (0.0, 1.0))
    expected = len(shares) / BINS
    half = 1.96 * np.sqrt(expected * (1.0 - 1.0 / BINS))
    scale, bar = HEIGHT / max(counts.max(), expected + half), WIDTH / BINS
    foot = top + HEIGHT
    yield f'<text x="{left}" y="{top - 6}">{name} (p {uniform_p(shares):.2f})</text>'
    yield (
        f'<rect x="{left}" y="{foot - (expected + half) * scale:.1f}" width="{WIDTH}" '
        f'height="{2 * half * scale:.1f}" fill="#cfd8dc"/>'
    )
    for index, count in enumerate(counts):
        yield (
            f'<rect x="{left + index * bar + 1:.1f}" y="{foot - count * scale:.1f}" '
            f'width="{bar - 2:.1f}" height="{count * scale:.1f}" fill="#1565c0" opacity="0.8"/>'
        )
    yield (
        f'<line x1="{left}" x2="{left + WIDTH}" y1="{foot - expected * scale:.1f}" '
        f'y2="{foot - expected * scale:.1f}" stroke="#37474f"/>'
    )
