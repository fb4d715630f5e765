"""Twins and predictions as aligned text and as JSON, in clinical units."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from organtwin import PURPOSE, __version__
from organtwin.quantities import QUANTITIES, quantity
from organtwin.simulation.valve_numbers import VALVES, severe_lesions
from organtwin.therapy.model_error import model_error
from organtwin.twin.beyond import Beyond
from organtwin.twin.model_doubt import Band
from organtwin.twin.prediction import Prediction
from organtwin.twin.twin import FitRow, FittedParameter, Twin
from organtwin.units import from_si

Json = dict[str, object]

RESPONSE = (
    "heart_rate", "systolic_pressure", "diastolic_pressure", "mean_arterial_pressure",
    "cardiac_output", "stroke_volume", "lv_ef", "lv_edv", "lv_esv", "lv_edp", "pcwp",
    "pa_systolic", "pa_diastolic", "pa_mean", "ra_pressure", "rv_ef", "dp_dt_max",
    "systemic_vascular_resistance", "pulmonary_vascular_resistance", "aortic_mean_gradient",
)  # fmt: skip
"""What a response table shows, in this order."""
STRUCK = "~~"
"""Around a number that is struck through."""


def columns(rows: Sequence[Sequence[str]], header: Sequence[str], right: Sequence[bool]) -> str:
    """Rows under a header, each column as wide as its widest cell."""
    table = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[index]) for row in table) for index in range(len(header))]
    lines = []
    for row in table:
        cells = [
            cell.rjust(width) if to_right else cell.ljust(width)
            for cell, width, to_right in zip(row, widths, right, strict=True)
        ]
        lines.append("  ".join(cells).rstrip())
    lines.insert(1, "  ".join("-" * width for width in widths))
    return "\n".join(lines)


def fit_text(twin: Twin) -> str:
    """The fit table: measured against twin, fitted parameters, findings."""
    fit = twin.fit
    measured = columns(
        [_fit_cells(row) for row in fit.rows],
        ("quantity", "measured", "sd", "twin", "unit", "z", "from"),
        (False, True, True, True, False, True, False),
    )
    fitted = columns(
        [_parameter_cells(parameter) for parameter in fit.parameters],
        ("parameter", "normal", "twin", "sd", "unit", "determined"),
        (False, True, True, True, False, False),
    )
    found = "\n".join(f"- {finding}" for finding in fit.findings)
    valves = f"{valve_text(twin.numbers)}\n\n" if any(severe_lesions(twin.numbers)) else ""
    return (
        f"{twin.record.title}\n{twin.record.diagnosis}\n\n{measured}\n\n{valves}"
        f"{fit.within_two_sd} of {fit.n_targets} fitted measurements within 2 sd\n\n{fitted}\n\n"
        f"{found}\n\n{PURPOSE}"
    )


def valve_text(numbers: Mapping[str, float]) -> str:
    """Areas, gradients and regurgitation of every valve, and which lesions are severe."""
    names = ("valve_area", "mean_gradient", "net_gradient", "peak_gradient", "leak_area",
             "regurgitant_volume", "regurgitant_fraction")  # fmt: skip
    rows = [(valve, *(_value(numbers, f"{valve}_{name}") for name in names)) for valve in VALVES]
    header = ("valve", "area", "mean gradient", "net (catheter)", "peak gradient", "leak",
              "runs back", "fraction")  # fmt: skip
    table = columns(rows, header, (False, *(True for _ in names)))
    severe = "".join(f"\n- {lesion}" for lesion in severe_lesions(numbers))
    return f"{table}{severe}"


def _value(numbers: Mapping[str, float], name: str) -> str:
    return quantity(name).text(numbers[name]) if name in numbers else ""


def prediction_text(prediction: Prediction) -> str:
    """The response table: before, after, change, with the 90 % band of the change."""
    rows = []
    for name in RESPONSE:
        q = quantity(name)
        before, after = q.from_si(prediction.before[name]), q.from_si(prediction.after[name])
        band = prediction.change_bands.get(name)
        low, high = (q.from_si(band.low90), q.from_si(band.high90)) if band else (None, None)
        d, mark = q.decimals, STRUCK if prediction.beyond else ""
        between = "" if low is None or high is None else f"{low:+.{d}f} to {high:+.{d}f}"
        rows.append(
            (
                q.label,
                f"{before:.{d}f}",
                f"{mark}{after:.{d}f}{mark}",
                f"{mark}{after - before:+.{d}f}{mark}",
                f"{mark}{between}{mark}" if between else "",
                q.unit,
            )
        )
    table = columns(
        rows,
        ("quantity", "before", "after", "change", "90 % band", "unit"),
        (False, True, True, True, True, False),
    )
    warned = "".join(f"! {warning}\n" for warning in prediction.warnings)
    grades = "".join(
        f"- {therapy.kind.label}: evidence {therapy.kind.evidence}, {therapy.kind.population}. "
        f"{therapy.kind.limits}\n"
        for therapy in prediction.plan.therapies
    )
    lesions = _lesions_text(prediction)
    ending, warned_first = prediction.solution, extrapolation_text(prediction.beyond)
    return (
        f"{prediction.plan}\n{warned_first}{ending.outcome.meaning} after "
        f"{ending.n_beats} beats\n\n{table}\n\n{_doubt_text(prediction)}"
        f"{lesions}{warned}{grades}"
    )


def _doubt_text(prediction: Prediction) -> str:
    """What the bands hold."""
    if not prediction.change_bands:
        return ""
    own = "doubt of the fit, how patients differ in their response"
    return f"90 % band of one patient: {own}, {model_error().told}\n\n"


def extrapolation_text(reasons: Sequence[Beyond]) -> str:
    """Above numbers that nobody knows: that they are struck through, and why."""
    if not reasons:
        return ""
    told = "".join(f"x {reason}\n" for reason in reasons)
    return f"EXTRAPOLATION: outside the checked range, do not rely on these numbers\n{told}"


def _lesions_text(prediction: Prediction) -> str:
    """Valve lesions that are severe before and under the plan."""
    lines = []
    for when, numbers in (("before", prediction.before), ("after", prediction.after)):
        lines += [f"{when}: {lesion}\n" for lesion in severe_lesions(numbers)]
    return "".join(lines)


def twin_json(twin: Twin) -> Json:
    """A twin as plain values: clinical units, each beside its number."""
    fit = twin.fit
    return {
        "program": {"name": "organtwin", "version": __version__, "purpose": PURPOSE},
        "case": {
            "id": twin.record.case_id, "title": twin.record.title,
            "diagnosis": twin.record.diagnosis, "conduction": twin.record.conduction,
        },
        "fit": [_fit_json(row) for row in fit.rows],
        "within_two_sd": fit.within_two_sd,
        "targets": fit.n_targets,
        "parameters": [_parameter_json(parameter) for parameter in fit.parameters],
        "findings": list(fit.findings),
        "numbers": numbers_json(twin.numbers),
        "simulation": {
            "outcome": twin.baseline.outcome.name, "beats": twin.baseline.n_beats,
            "ensemble_members": len(twin.ensemble),
        },
    }  # fmt: skip


def prediction_json(prediction: Prediction) -> Json:
    """A prediction as plain values."""
    return {
        "plan": [
            {"name": t.name, "dose": t.dose, "unit": t.kind.unit, "evidence": t.kind.evidence}
            for t in prediction.plan.therapies
        ],
        "extrapolation": [str(reason) for reason in prediction.beyond],
        "outcome": prediction.solution.outcome.name,
        "beats": prediction.solution.n_beats,
        "warnings": list(prediction.warnings),
        "severe_before": [str(lesion) for lesion in severe_lesions(prediction.before)],
        "severe_after": [str(lesion) for lesion in severe_lesions(prediction.after)],
        "before": numbers_json(prediction.before),
        "after": numbers_json(prediction.after),
        "bands": _bands_json(prediction.bands),
        "change_bands": _bands_json(prediction.change_bands),
        "model_error": _model_error_json(prediction),
    }


def _model_error_json(prediction: Prediction) -> Json:
    """What of the bands is the model's own error: ``sd`` on its scale, SI, by group of outputs."""
    known = model_error()
    return {
        "share": prediction.error_share, "studies": known.studies, "rows": known.rows,
        "groups": [asdict(group) for group in dict.fromkeys(known.outputs.values())],
    }  # fmt: skip


def numbers_json(numbers: Mapping[str, float]) -> Json:
    """Clinical value and unit by name of quantity."""
    return {
        name: {"value": round(quantity(name).from_si(value), 6), "unit": quantity(name).unit}
        for name, value in numbers.items()
        if name in QUANTITIES
    }


def _bands_json(bands: Mapping[str, Band]) -> Json:
    found: Json = {}
    for name, band in bands.items():
        q = quantity(name)
        found[name] = {
            "unit": q.unit,
            "50": [q.from_si(band.low50), q.from_si(band.high50)],
            "90": [q.from_si(band.low90), q.from_si(band.high90)],
        }
    return found


def _fit_cells(row: FitRow) -> tuple[str, ...]:
    q, m = row.measurement.quantity, row.measurement
    z = "set" if row.direct else f"{row.z:+.1f}"
    value, sd, model = (q.from_si(x) for x in (m.value, m.sd, row.model))
    d = q.decimals
    finer = max(d, 1) if sd < 1 else d
    return (
        q.label, f"{value:.{d}f}", f"{sd:.{finer}f}", f"{model:.{d}f}", q.unit, z,
        m.provenance.value,
    )  # fmt: skip


def _fit_json(row: FitRow) -> Json:
    q, m = row.measurement.quantity, row.measurement
    return {
        "name": m.name, "measured": q.from_si(m.value), "sd": q.from_si(m.sd),
        "twin": q.from_si(row.model), "unit": q.unit, "z": None if row.direct else row.z,
        "direct": row.direct, "provenance": m.provenance.value, "source": m.source,
    }  # fmt: skip


def _parameter_cells(parameter: FittedParameter) -> tuple[str, ...]:
    unit = parameter.spec.unit
    prior, value = parameter.read(parameter.prior), parameter.read(parameter.value)
    sd = from_si(parameter.sd, unit)
    determined = "yes" if parameter.determined else "no"
    return parameter.label, f"{prior:.4g}", f"{value:.4g}", f"{sd:.2g}", unit, determined


def _parameter_json(parameter: FittedParameter) -> Json:
    unit = parameter.spec.unit
    return {
        "label": parameter.label, "name": parameter.spec.name, "unit": unit,
        "normal": from_si(parameter.prior, unit), "twin": from_si(parameter.value, unit),
        "sd": from_si(parameter.sd, unit), "posterior_over_prior_width": parameter.narrowing,
        "determined": parameter.determined,
    }  # fmt: skip
