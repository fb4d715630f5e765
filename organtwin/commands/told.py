"""What a fit tells of its parameters, as text and as JSON."""

from organtwin.commands.tables import Json, columns
from organtwin.quantities import quantity
from organtwin.twin.identifiability import Identifiability


def told_text(told: Identifiability) -> str:
    """Tables of the parameters, of the pairs told only together, and of what to measure next."""
    levers = columns(
        [
            (
                lever.label, lever.verdict, f"{lever.narrowing:.2f}",
                quantity(lever.best_source).label if lever.best_source else "",
                f"{lever.without:.2f}" if lever.best_source else "",
            )
            for lever in told.levers
        ],
        ("parameter", "determined", "width/prior", "mostly by", "without it"),
        (False, False, True, False, True),
    )  # fmt: skip
    parts = [levers, "width/prior 1: nothing learned; without it: how many times as wide"]
    if told.confounded:
        rows = [(pair.first, pair.second, f"{pair.correlation:+.2f}") for pair in told.confounded]
        parts.append(
            columns(rows, ("told only together", "and", "correlation"), (False, False, True))
        )
    if told.following:
        following = [
            (quantity(one.name).label, f"{one.gain:.0%}", one.lever, f"{one.left:.2f}")
            for one in told.following
        ]
        header = ("measure next", "doubt less", "mostly of", "times as wide")
        parts.append(columns(following, header, (False, True, False, True)))
    return "\n\n".join(parts)


def told_json(told: Identifiability) -> Json:
    """The same as plain values."""
    return {
        "parameters": [
            {
                "name": lever.name, "label": lever.label, "determined": lever.verdict,
                "posterior_over_prior_width": lever.narrowing,
                "best_measurement": lever.best_source or None,
                "times_as_wide_without": lever.without,
            }
            for lever in told.levers
        ],
        "confounded": [
            {"first": p.first, "second": p.second, "correlation": p.correlation}
            for p in told.confounded
        ],
        "measure_next": [
            {
                "name": one.name, "sd": quantity(one.name).from_si(one.sd),
                "unit": quantity(one.name).unit, "gain": one.gain, "most_for": one.lever,
                "times_as_wide": one.left,
            }
            for one in told.following
        ],
    }  # fmt: skip
