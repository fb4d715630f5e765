"""Building the twin of a record: sort the measurements, fit, and say what is doubtful."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from organtwin.assimilation.calibration import Calibration, Evaluation, calibrating
from organtwin.assimilation.levers import LEVERS
from organtwin.assimilation.observation import Observation, observation
from organtwin.assimilation.patient_prior import patient_prior
from organtwin.assimilation.posterior import sampling
from organtwin.assimilation.prior import Prior
from organtwin.errors import OrganTwinError
from organtwin.patient.record import PatientRecord
from organtwin.physiology.electrophysiology.conduction import reached_qrs
from organtwin.simulation.biomarkers import biomarkers
from organtwin.twin import plausibility
from organtwin.twin.identifiability import DETERMINED, identifiability
from organtwin.twin.twin import Fit, FitRow, FittedParameter, Twin

MEMBERS = 100
"""Hearts in the ensemble: the 5 % and 95 % points then rest on the outermost five."""
FITTING_SHARE = 0.5
"""Of the progress bar; the rest is the ensemble."""
TYPICAL_ITERATIONS = 6
"""Iterations that a fit usually takes; only the progress bar relies on it."""


class FitError(OrganTwinError, RuntimeError):
    """No heart of this model can be found for the record."""


@dataclass(frozen=True, slots=True)
class FitStep:
    """Progress of a fit. The twin comes twice: first without, at last with its ensemble."""

    fraction: float
    message: str
    twin: Twin | None = None


def fitting(
    record: PatientRecord, members: int = MEMBERS, prior: Prior | None = None
) -> Iterator[FitStep]:
    """Fit a twin with ``members`` alternatives to a record, yielding after every simulation.

    ``prior`` is what was known of the patient before, in the levers of this record's observation; a
    patient not seen before starts from an adult of the same sex, size and diagnosis.

    Raises
    ------
    RecordError
        A directly measured value lies outside the range of the model.
    FitError
        The heart cannot live with the values that were measured directly.
    """
    yield FitStep(0.0, "Preparing the heart model")
    seen, remarks = observation(record), tuple[str, ...]()
    if prior is None:
        start = patient_prior(record, seen.levers)
        prior, remarks = start.prior, start.findings
    latest: Calibration | None = None
    done, visited = 0, list[Evaluation]()
    for step in calibrating(seen, prior=prior):
        if isinstance(step, Calibration):
            latest = step
            continue
        visited.append(step)
        done += 1
        share = FITTING_SHARE * done / (TYPICAL_ITERATIONS * (len(seen.levers) + 1))
        misfit = (latest.best if latest else step).misfit
        yield FitStep(min(share, FITTING_SHARE), f"Fitting: simulation {done}, misfit {misfit:.1f}")
    if latest is None:
        raise FitError(
            f"{record.title}: no steady heartbeat was found with the values that are put in "
            f"directly ({', '.join(m.quantity.label for m in seen.direct) or 'none'}). "
            "Check these values and their units; widen or remove the doubtful one."
        )
    yield FitStep(FITTING_SHARE, "Fitted", twin_of(record, seen, latest, remarks=remarks))
    ensemble: tuple[Evaluation, ...] = ()
    if members > 0:
        for drawn in sampling(seen, latest, members, visited=visited, prior=prior):
            share = FITTING_SHARE + (1.0 - FITTING_SHARE) * drawn.fraction
            yield FitStep(share, f"Estimating doubt with {members} hearts: {drawn.fraction:.0%}")
            ensemble = drawn.members
    yield FitStep(1.0, "Fitted", twin_of(record, seen, latest, ensemble, remarks))


def twin_of(
    record: PatientRecord,
    seen: Observation,
    calibration: Calibration,
    ensemble: tuple[Evaluation, ...] = (),
    remarks: tuple[str, ...] = (),
) -> Twin:
    """The twin at the end of a calibration; ``remarks`` say where it started."""
    best = calibration.best
    model = biomarkers(best.solution.beat, best.conditions)
    rows = [FitRow(m, model[m.name], (model[m.name] - m.value) / m.sd) for m in seen.targets]
    pattern = best.conditions.activation.pattern
    for m in seen.direct:
        used = reached_qrs(pattern, m.value) if m.name == "qrs_duration" else model.get(m.name)
        rows.append(FitRow(m, m.value if used is None else used, 0.0, direct=True))
    order = {m.name: index for index, m in enumerate(record.measurements)}
    rows.sort(key=lambda row: order[row.measurement.name])
    parameters = tuple(_fitted(seen, calibration))
    told = identifiability(seen, calibration, ensemble)
    fit = Fit(
        rows=tuple(rows),
        parameters=parameters,
        findings=(
            *_findings(record, seen, rows, parameters, model),
            *told.sentences(),
            *remarks,
        ),
        levers=best.values,
        covariance=calibration.covariance,
        told=told,
    )
    return Twin(record, seen, best.conditions, best.solution, fit, ensemble)


def _fitted(seen: Observation, calibration: Calibration) -> Iterator[FittedParameter]:
    best, lesions = calibration.best, seen.levers[len(LEVERS) :]
    for lever, width in zip(seen.levers, calibration.widths, strict=True):
        name = next((n for n in lever.exponents if n not in seen.fixed), None)
        if name is None:
            continue
        value, spec = best.conditions.parameters[name], best.conditions.parameters.specs[name]
        narrowing = float(width) / lever.prior_sd
        yield FittedParameter(
            label=lever.label,
            spec=spec,
            value=value,
            prior=spec.default if lever in lesions else seen.conditions.parameters[name],
            sd=value * float(width),
            narrowing=narrowing,
            determined=narrowing < DETERMINED,
        )


def _findings(
    record: PatientRecord,
    seen: Observation,
    rows: list[FitRow],
    parameters: tuple[FittedParameter, ...],
    model: Mapping[str, float],
) -> Iterator[str]:
    yield from map(str, record.findings)
    for row in rows:
        if abs(row.z) > 2.0:
            q = row.measurement.quantity
            yield (
                f"not reached: {q.label} measured {q.text(row.measurement.value)}, "
                f"twin {q.text(row.model)} ({row.z:+.1f} sd)"
            )
        elif row.direct and abs(row.model - row.measurement.value) > row.measurement.sd:
            q = row.measurement.quantity
            yield (
                f"reached in part: {q.label} measured {q.text(row.measurement.value)}, "
                f"twin {q.text(row.model)}: the heart model ends there"
            )
    loose = [p.label.lower() for p in parameters if not p.determined]
    if loose:
        yield f"not determined by the data: {', '.join(loose)}"
    if seen.unused:
        yield f"not used: {', '.join(m.quantity.label for m in seen.unused)}"
    if not seen.targets:
        put_in = ", ".join(m.quantity.label for m in seen.direct)
        yield (
            "nothing to fit: the record holds no pressure, volume or flow; this is a normal heart"
            + (f" with the patient's {put_in}" if put_in else "")
        )
    unusual = plausibility.unusual(model, {m.name for m in seen.targets})
    if unusual:
        yield f"follows from the fit and was not measured: {', '.join(unusual)}"
    yield from plausibility.warnings(model)
