"""The whole heart and circulation: the one place that couples electrics, muscle and vessels.

``pack`` turns named parameters and an activation pattern into the arrays of the kernel;
``advance`` runs one beat. Equations are in the modules of ``mechanics`` and ``circulation``;
the order of their use is in ``stepping``.
"""

from dataclasses import dataclass, field

import numpy as np

from organtwin.arrays import FloatArray, IntArray
from organtwin.parameters.files import parameter_specs
from organtwin.parameters.sets import ParameterSet
from organtwin.physiology import stepping
from organtwin.physiology.circulation import assist
from organtwin.physiology.devices import balloon_timing, pump_table
from organtwin.physiology.interface import Activation, PatchLayout, Wall
from organtwin.physiology.scar import Scar

COMPARTMENTS = (
    "lv", "rv", "la", "ra",
    "systemic_artery", "systemic_vein", "pulmonary_artery", "pulmonary_vein",
)  # fmt: skip
ORIFICES = ("mitral", "aortic", "tricuspid", "pulmonary", "systemic_venous", "pulmonary_venous")
WALLS = tuple(wall.name.lower() for wall in Wall)
_WALL_COLUMNS = (
    "reference_area", "wall_volume", "shortening_velocity", "active_stress", "passive_stress",
    "rise_factor", "decay_factor",
)  # fmt: skip
_TUBE_COLUMNS = (
    "length", "wall_area", "stiffness_exponent", "reference_pressure", "reference_area",
)  # fmt: skip
LONG_AGO = 1e3
"""Time since excitation [s] of a patch that was never excited."""
EFFUSION_STEP = 10e-6
"""Fluid [m3] that enters or leaves the pericardial sac per beat at most. At once, 180 mL would
press a chamber empty before the blood can move; at 10 mL per beat the veins fill as it comes."""
_ORIFICE_COLUMNS = ("open_area", "leak_area", "orifice_length")


def default_parameters() -> ParameterSet:
    """A normal adult: the published VanOsta2024 set at the blood volume of its steady state."""
    return ParameterSet(parameter_specs("heart"))


@dataclass(frozen=True, eq=False, slots=True)
class HeartState:
    """Everything the next beat needs to know.

    ``volumes`` (8,) [m3] and ``flows`` (6,) [m3/s] follow ``COMPARTMENTS`` and ``ORIFICES``.
    ``patches`` ``(n_patches, 4)``: contractile length [um], contractility [-], time since
    excitation [s], sarcomere length [um]. ``junction``: septal cap volume [m3] and radius [m].
    ``machines`` (7,): flows of the pumps [m3/s], volume [m3] and two marks of the balloon.
    ``effusion``: fluid in the pericardial sac [m3], which comes and goes over beats.
    """

    volumes: FloatArray
    flows: FloatArray
    patches: FloatArray
    junction: FloatArray
    machines: FloatArray = field(default_factory=lambda: np.zeros(assist.N_MACHINE_STATES))
    effusion: float = 0.0

    @property
    def blood_volume(self) -> float:
        """[m3]."""
        return float(self.volumes.sum())


@dataclass(frozen=True, eq=False, slots=True)
class BeatRecord:
    """What the kernel wrote: ``outputs`` ``(n, 32)``, the others ``(n, n_patches)``.

    ``status`` is COMPLETED, EMPTY or BEYOND_RANGE of ``stepping``; ``where`` says where.
    """

    outputs: FloatArray
    strains: FloatArray
    stresses: FloatArray
    state: HeartState
    status: int
    where: int


@dataclass(frozen=True, eq=False, slots=True)
class PackedHeart:
    """Parameters in the arrays of the kernel, in SI (shortening velocity in um/s)."""

    cycle_length: float
    av_delay: float
    patches: FloatArray
    wall_of_patch: IntArray
    activation_times: FloatArray
    wall_volumes: FloatArray
    tubes: FloatArray
    orifices: FloatArray
    beds: FloatArray
    constants: FloatArray
    pumps: FloatArray
    balloon: FloatArray


def pack(parameters: ParameterSet, activation: Activation, scar: Scar | None = None) -> PackedHeart:
    """Arrays for the kernel from named parameters, the activation of each patch and its scar."""
    p, layout = parameters, activation.layout
    cycle = 1.0 / p["heart_rate"]
    walls = np.array([[p[f"{wall}_{column}"] for column in _WALL_COLUMNS] for wall in WALLS])
    walls[:, stepping.VELOCITY] *= 1e6
    atrial = p["atrial_duration_fraction"] * cycle
    ventricular = p["ventricular_duration_base"] + p["ventricular_duration_fraction"] * cycle
    duration = np.array([atrial, atrial, ventricular, ventricular, ventricular])
    wall_of_patch = np.repeat(np.arange(5), layout.counts)
    patches = np.column_stack([walls, duration])[wall_of_patch]
    share = 1.0 / np.array(layout.counts)[wall_of_patch]
    patches[:, stepping.AREA] *= share
    patches[:, stepping.VOLUME] *= share
    if scar is not None:
        patches[:, stepping.ACTIVE] *= scar.active
        patches[:, stepping.PASSIVE] *= scar.passive
    av_delay = p["av_delay_fraction"] * cycle
    first = np.array([p["interatrial_delay"], 0.0, av_delay, av_delay, av_delay])
    return PackedHeart(
        cycle_length=cycle,
        av_delay=av_delay,
        patches=patches,
        wall_of_patch=wall_of_patch.astype(np.int32),
        activation_times=first[wall_of_patch] + activation.delays,
        wall_volumes=walls[:, stepping.VOLUME].copy(),
        tubes=_table(p, COMPARTMENTS[4:], _TUBE_COLUMNS),
        orifices=_table(p, ORIFICES, _ORIFICE_COLUMNS),
        beds=_table(
            p, ("systemic", "pulmonary"), ("resistance", "reference_flow", "flow_exponent")
        ),
        constants=p.vector(
            [
                "blood_density",
                "pericardium_volume",
                "pericardium_pressure",
                "pericardium_exponent",
                "pericardial_effusion",
                "outflow_tract_area",
                "outflow_tract_exponent",
                "pericardium_limit",
                "pericardium_stiffness",
            ]
        ),
        pumps=pump_table(p),
        balloon=balloon_timing(p, cycle, av_delay, ventricular),
    )


def resting_state(parameters: ParameterSet, layout: PatchLayout) -> HeartState:
    """A heart at rest that holds the blood volume of ``parameters``: a start for the first beat."""
    p = parameters
    scale = (p["lv_reference_area"] / parameter_specs("heart")["lv_reference_area"].default) ** 1.5
    chambers = np.array([100e-6 * scale, 90e-6, 40e-6, 30e-6])
    tubes = np.array([p[f"{t}_length"] * p[f"{t}_reference_area"] for t in COMPARTMENTS[4:]])
    tubes *= (p["blood_volume"] - chambers.sum()) / tubes.sum()
    radius = np.sqrt(p["lv_reference_area"] + p["septum_reference_area"]) * 0.26
    return HeartState(
        volumes=np.concatenate([chambers, tubes]),
        flows=np.zeros(6),
        patches=np.tile([1.9, 0.0, LONG_AGO, 1.94], (layout.total, 1)),
        junction=np.array([0.45 * p["septum_reference_area"] * radius, radius]),
    )


def advance(heart: PackedHeart, state: HeartState, n_steps: int, infusion: float) -> BeatRecord:
    """One beat of ``n_steps`` equal steps from ``state``; ``infusion`` [m3/s] into the veins.

    Raises
    ------
    ValueError
        The state has another number of patches than the heart.
    """
    if len(state.patches) != len(heart.patches):  # the kernel would read beyond its arrays
        raise ValueError(f"state of {len(state.patches)} patches, heart of {len(heart.patches)}")
    new = HeartState(
        state.volumes.copy(),
        state.flows.copy(),
        state.patches.copy(),
        state.junction.copy(),
        _running(heart, state.machines),
        _filling(heart, state.effusion),
    )
    constants = heart.constants.copy()
    constants[stepping.EFFUSION] = new.effusion
    n_patches = len(heart.patches)
    outputs = np.empty((n_steps, stepping.N_OUTPUTS))
    ratios, stresses = np.empty((n_steps, n_patches)), np.empty((n_steps, n_patches))
    status, where = stepping.run_beat(
        new.volumes, new.flows, new.patches, new.junction, heart.patches, heart.wall_of_patch,
        heart.activation_times, heart.wall_volumes, heart.tubes, heart.orifices, heart.beds,
        constants, new.machines, heart.pumps,
        heart.balloon, infusion, heart.cycle_length / n_steps, outputs, ratios, stresses,
    )  # fmt: skip
    # The rows after a failed step were never written.
    strains = 0.5 * np.log(ratios) if status == stepping.COMPLETED else ratios
    return BeatRecord(outputs, strains, stresses, new, int(status), int(where))


def _filling(heart: PackedHeart, present: float) -> float:
    """Fluid in the sac in the next beat [m3], on the way to what is wanted."""
    missing = heart.constants[stepping.EFFUSION] - present
    return present + float(np.clip(missing, -EFFUSION_STEP, EFFUSION_STEP))


def _running(heart: PackedHeart, machines: FloatArray) -> FloatArray:
    """The state of the machines that are there; what was taken away leaves nothing behind."""
    kept = np.zeros_like(machines)
    slots = heart.pumps[:, assist.SLOT].astype(int)
    kept[slots] = machines[slots]
    if heart.balloon[assist.LARGEST] > 0.0:
        kept[assist.FILLED :] = machines[assist.FILLED :]
        kept[assist.FILLED] = min(kept[assist.FILLED], heart.balloon[assist.LARGEST])
    return kept


def _table(parameters: ParameterSet, rows: tuple[str, ...], columns: tuple[str, ...]) -> FloatArray:
    return np.array([[parameters[f"{row}_{column}"] for column in columns] for row in rows])
