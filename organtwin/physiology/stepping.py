"""One beat of heart and circulation in one compiled call.

Compartments, in this order everywhere: LV, RV, LA, RA, systemic artery, systemic vein, pulmonary
artery, pulmonary vein. Each step of length dt:

1. walls: every patch is linearised (one_fiber), TriSeg balances the junction (triseg);
2. pressures: chambers 2 C_m T plus the pericardium, tubes from their area; where valves meet a
   compartment its node pressure is p + Z V' with the net inflow V' of the last step;
3. flows: valves and pumps one implicit step in their loss, capillary beds from the tube pressures;
4. fibres: stretch from the wall tension, then contractility and contractile length;
5. volumes by the new flows, so blood is moved and never made.

Atria and the nodes of chambers: see chamber. Ventricles: see triseg. Pericardium:
p = p_ref (V_total/V_ref)^k, V_total with all walls and what fluid lies in the sac; beyond a limit
V_lim, where there is one, p_lim (V_total/V_lim - 1) more. Pumps and the balloon: see
circulation.assist; a balloon in the arteries takes room that is not blood.

References: Arts et al. 2005 Am J Physiol Heart Circ Physiol 288:H1943; Lumens et al. 2009;
Walmsley et al. 2015. Verified in tests/verification/test_circadapt.py against the published
output of the CircAdapt package, and against a reference beat of its equations sample by sample.
"""

import math

import numpy as np

from organtwin.arrays import FloatArray, IntArray
from organtwin.compilation import kernel
from organtwin.physiology.chamber import atrial_wall, chamber_node
from organtwin.physiology.circulation.assist import (
    FILLED,
    LARGEST,
    add_pump_flows,
    balloon_step,
    pumps_step,
)
from organtwin.physiology.circulation.outflow_tract import tract_area, tract_resistance
from organtwin.physiology.circulation.small_vessels import bed_flow
from organtwin.physiology.circulation.tube import tube_state
from organtwin.physiology.circulation.valve import orifice_area, valve_step
from organtwin.physiology.mechanics.one_fiber import linear_patch
from organtwin.physiology.mechanics.sarcomere import (
    REFERENCE_LENGTH,
    SERIES_LENGTH,
    contractile_step,
    contractility_step,
)
from organtwin.physiology.mechanics.triseg import junction_equilibrium

LV, RV, LA, RA, SYSTEMIC_ARTERY, SYSTEMIC_VEIN, PULMONARY_ARTERY, PULMONARY_VEIN = range(8)
WALL_LA, WALL_RA, WALL_LV, WALL_SEPTUM, WALL_RV = range(5)

# Columns of the parameter tables.
AREA, VOLUME, VELOCITY, ACTIVE, PASSIVE, RISE, DECAY, DURATION = range(8)
LENGTH, WALL_AREA, EXPONENT, PRESSURE, LUMEN = range(5)
OPEN, LEAK, COLUMN = range(3)
DENSITY, PERICARDIUM_VOLUME, PERICARDIUM_PRESSURE, PERICARDIUM_EXPONENT, EFFUSION = range(5)
TRACT_AREA, TRACT_EXPONENT = 5, 6
SAC_LIMIT, SAC_STIFFNESS = 7, 8

# Columns of the patch state and of the patch workspace.
CONTRACTILE, CONTRACTILITY, SINCE, SARCOMERE = range(4)
SLACK, COMPLIANCE, CREEP, ONSET, REMAINDER = range(5)

UPSTREAM = np.array([LA, LV, RA, RV, SYSTEMIC_VEIN, PULMONARY_VEIN])
DOWNSTREAM = np.array([LV, SYSTEMIC_ARTERY, RV, PULMONARY_ARTERY, RA, LA])

# Columns of the output: 8 volumes, 8 pressures, 6 valve flows, 2 bed flows, then:
SEPTAL_VOLUME, JUNCTION_RADIUS, PERICARDIAL = 24, 25, 26
MACHINES = 27  # flows of the four pumps and volume of the balloon
N_OUTPUTS = 32

COMPLETED, EMPTY, BEYOND_RANGE = 0, 1, 2
SMALLEST_SHARE = 0.02
"""A vessel below this share of its reference area, or a chamber below 0.5 mL, counts as empty:
their pressure-area laws were never meant for it, and one step later nothing is left to flow."""
SMALLEST_CHAMBER = 0.5e-6
LONGEST_SARCOMERE = 3.2
"""[um]: beyond it no filament overlap is left, and the passive law was never measured."""


@kernel
def wall_sums(
    patches: FloatArray, wall_of: IntArray, state: FloatArray, work: FloatArray, walls: FloatArray
) -> None:
    """Slack area and compliance of each patch (into ``work``), added up per wall (``walls``)."""
    walls[:, :2] = 0.0
    for i in range(patches.shape[0]):
        slack, compliance = linear_patch(
            state[i, CONTRACTILE],
            state[i, CONTRACTILITY],
            patches[i, AREA],
            patches[i, VOLUME],
            patches[i, ACTIVE],
            patches[i, PASSIVE],
        )
        work[i, SLACK], work[i, COMPLIANCE] = slack, compliance
        walls[wall_of[i], SLACK] += slack
        walls[wall_of[i], COMPLIANCE] += compliance


@kernel
def chambers(
    volumes: FloatArray,
    wall_volumes: FloatArray,
    walls: FloatArray,
    junction: FloatArray,
    tension: FloatArray,
    nodes: FloatArray,
    density: float,
) -> bool:
    """Wall tensions and chamber nodes (columns area, pressure, impedance); moves the junction."""
    offsets, areas, tensions, curvatures = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    v_l = volumes[LV] + 0.5 * (wall_volumes[WALL_LV] + wall_volumes[WALL_SEPTUM])
    v_r = volumes[RV] + 0.5 * (wall_volumes[WALL_RV] + wall_volumes[WALL_SEPTUM])
    offsets[0], offsets[1], offsets[2] = -v_l, 0.0, v_r
    junction[0], junction[1], _, found = junction_equilibrium(
        offsets, walls[2:5, SLACK], walls[2:5, COMPLIANCE], junction[0], junction[1],
        areas, tensions, curvatures,
    )  # fmt: skip
    tension[2:5] = tensions
    nodes[LV, 1] = -2.0 * curvatures[0] * tensions[0]
    nodes[RV, 1] = 2.0 * curvatures[2] * tensions[2]
    for chamber, mid, wall in ((LV, v_l, WALL_LV), (RV, v_r, WALL_RV)):
        muscle = 0.5 * (wall_volumes[wall] + wall_volumes[WALL_SEPTUM])
        nodes[chamber, 0], nodes[chamber, 2] = chamber_node(
            mid, mid, muscle, walls[wall, COMPLIANCE], 1.0, density
        )
    for chamber, wall in ((LA, WALL_LA), (RA, WALL_RA)):
        tension[wall], nodes[chamber, 1], mid = atrial_wall(
            volumes[chamber], wall_volumes[wall], walls[wall, SLACK], walls[wall, COMPLIANCE]
        )
        nodes[chamber, 0], nodes[chamber, 2] = chamber_node(
            volumes[chamber], mid, wall_volumes[wall], walls[wall, COMPLIANCE], 4.0, density
        )
    return found


@kernel
def vessels(
    volumes: FloatArray,
    tubes: FloatArray,
    wall_volumes: FloatArray,
    constants: FloatArray,
    balloon: float,
    nodes: FloatArray,
) -> float:
    """Fill the tube nodes; add the pericardial pressure [Pa], also returned, to the chambers.

    ``balloon`` [m3] of the systemic artery is not filled with blood.
    """
    size = wall_volumes.sum() + volumes[LV] + volumes[RV] + volumes[LA] + volumes[RA]
    size += constants[EFFUSION]
    pericardial = (
        constants[PERICARDIUM_PRESSURE]
        * (size / constants[PERICARDIUM_VOLUME]) ** constants[PERICARDIUM_EXPONENT]
    )
    if 0.0 < constants[SAC_LIMIT] < size:
        pericardial += constants[SAC_STIFFNESS] * (size / constants[SAC_LIMIT] - 1.0)
    for i in range(4):
        nodes[i, 1] += pericardial
        held = volumes[4 + i] + (balloon if i == 0 else 0.0)
        nodes[4 + i, 0], nodes[4 + i, 1], nodes[4 + i, 2] = tube_state(
            held, tubes[i, LENGTH], tubes[i, WALL_AREA], tubes[i, EXPONENT],
            tubes[i, PRESSURE], tubes[i, LUMEN], constants[DENSITY],
        )  # fmt: skip
    return float(pericardial)


@kernel
def flow_step(
    flows: FloatArray,
    nodes: FloatArray,
    inflow: FloatArray,
    valves: FloatArray,
    tract: float,
    density: float,
    dt: float,
) -> None:
    """Advance the six valve flows between the node pressures p + Z V'.

    ``tract`` [m2]: area of a narrowed outflow tract before the aortic valve, 0 where there is none.
    """
    passage = nodes[:, 0].copy()
    for i in range(6):
        passage[UPSTREAM[i]] += valves[i, OPEN]
        passage[DOWNSTREAM[i]] += valves[i, OPEN]
    for i in range(6):
        up, down = UPSTREAM[i], DOWNSTREAM[i]
        difference = nodes[up, 1] + nodes[up, 2] * inflow[up]
        difference -= nodes[down, 1] + nodes[down, 2] * inflow[down]
        orifice = orifice_area(flows[i], difference, valves[i, OPEN], valves[i, LEAK])
        flows[i] = valve_step(
            flows[i], difference, orifice, valves[i, COLUMN],
            passage[up] - valves[i, OPEN], passage[down] - valves[i, OPEN], density, dt,
            tract_resistance(flows[i], tract, density) if i == 1 else 0.0,
        )  # fmt: skip


@kernel
def fiber_step(
    patches: FloatArray,
    wall_of: IntArray,
    tension: FloatArray,
    state: FloatArray,
    work: FloatArray,
    ratio: FloatArray,
    stress: FloatArray,
    dt: float,
) -> float:
    """Stretch every patch by its wall's tension and advance its contractile element.

    The contractile element follows the length extrapolated to the middle of the step: with the
    length at its start, the fibre stress at 1 ms steps would be some 2 % too low in ejection.
    Writes the area ratio A_m/A_ref and the fibre stress 2 A_m T/V_w; returns the longest
    sarcomere [um].
    """
    longest = 0.0
    for i in range(patches.shape[0]):
        t = tension[wall_of[i]]
        area = max(work[i, SLACK] + t * work[i, COMPLIANCE], 1e-9)
        ratio[i] = area / patches[i, AREA]
        stress[i] = 2.0 * area * t / patches[i, VOLUME]
        length = REFERENCE_LENGTH * math.sqrt(ratio[i])
        state[i, CONTRACTILITY] = contractility_step(
            state[i, CONTRACTILE], state[i, CONTRACTILITY], state[i, SINCE] + 0.5 * dt,
            patches[i, RISE], patches[i, DECAY], patches[i, DURATION], dt,
        )  # fmt: skip
        halfway = 1.5 * length - 0.5 * state[i, SARCOMERE]
        state[i, CONTRACTILE] = contractile_step(state[i, CONTRACTILE], halfway, work[i, CREEP])
        state[i, SARCOMERE] = length
        longest = max(longest, length)
    return longest


@kernel
def plan_beat(
    patches: FloatArray, activation_times: FloatArray, work: FloatArray, dt: float, n_steps: int
) -> None:
    """What is constant over the beat: creep of the contractile element, step of each excitation.

    Excitations are kept in whole steps: comparing times would lose one to rounding now and then.
    One that falls into the next cycle is felt early in this one, as it will be in steady state.
    """
    for i in range(patches.shape[0]):
        work[i, CREEP] = math.exp(-patches[i, VELOCITY] * dt / SERIES_LENGTH)
        whole = math.floor(activation_times[i] / dt)
        work[i, REMAINDER] = (whole + 1) * dt - activation_times[i]
        work[i, ONSET] = whole % n_steps


@kernel
def net_inflow(flows: FloatArray, systemic: float, pulmonary: float, inflow: FloatArray) -> None:
    """V' [m3/s] of every compartment."""
    inflow[:] = 0.0
    for i in range(6):
        inflow[DOWNSTREAM[i]] += flows[i]
        inflow[UPSTREAM[i]] -= flows[i]
    inflow[SYSTEMIC_ARTERY] -= systemic
    inflow[SYSTEMIC_VEIN] += systemic
    inflow[PULMONARY_ARTERY] -= pulmonary
    inflow[PULMONARY_VEIN] += pulmonary


@kernel
def emptied(volumes: FloatArray, tubes: FloatArray) -> int:
    """Index of the first compartment that ran empty (or is not a number), or -1."""
    for i in range(4):
        if not volumes[i] > SMALLEST_CHAMBER:
            return i
        if not volumes[4 + i] > SMALLEST_SHARE * tubes[i, LUMEN] * tubes[i, LENGTH]:
            return 4 + i
    return -1


@kernel
def run_beat(
    volumes: FloatArray,
    flows: FloatArray,
    state: FloatArray,
    junction: FloatArray,
    patches: FloatArray,
    wall_of: IntArray,
    activation_times: FloatArray,
    wall_volumes: FloatArray,
    tubes: FloatArray,
    valves: FloatArray,
    beds: FloatArray,
    constants: FloatArray,
    machines: FloatArray,
    pumps: FloatArray,
    balloon: FloatArray,
    infusion: float,
    dt: float,
    outputs: FloatArray,
    ratios: FloatArray,
    stresses: FloatArray,
) -> tuple[int, int]:
    """Advance the state (first four arguments and ``machines``, in place); record every step.

    ``infusion`` [m3/s] flows into the systemic veins. The length of ``outputs`` is the number of
    steps. Returns ``(status, where)``: ``where`` is the compartment that emptied, or the step at
    which the model left its range.
    """
    n_steps = outputs.shape[0]
    work, walls = np.empty((patches.shape[0], 5)), np.empty((5, 2))
    nodes, inflow, tension = np.empty((8, 3)), np.empty(8), np.empty(5)
    plan_beat(patches, activation_times, work, dt, n_steps)
    assisted = pumps.shape[0] > 0 or balloon[LARGEST] > 0.0
    outputs[:, MACHINES:] = 0.0
    for step in range(n_steps):
        wall_sums(patches, wall_of, state, work, walls)
        found = chambers(volumes, wall_volumes, walls, junction, tension, nodes, constants[DENSITY])
        pericardial = vessels(volumes, tubes, wall_volumes, constants, machines[FILLED], nodes)
        systemic = bed_flow(nodes[4, 1] - nodes[5, 1], beds[0, 0], beds[0, 1], beds[0, 2])
        pulmonary = bed_flow(nodes[6, 1] - nodes[7, 1], beds[1, 0], beds[1, 1], beds[1, 2])
        net_inflow(flows, systemic, pulmonary, inflow)
        add_pump_flows(pumps, machines, inflow)
        row = outputs[step]
        row[:8] = volumes
        row[8:12] = nodes[:4, 1]
        row[12:16] = nodes[4:, 1] + nodes[4:, 2] * inflow[4:]
        row[16:22] = flows
        row[22], row[23] = systemic, pulmonary
        row[24], row[25], row[26] = junction[0], junction[1], pericardial
        if assisted:
            row[MACHINES:] = machines[: FILLED + 1]
        longest = fiber_step(
            patches, wall_of, tension, state, work, ratios[step], stresses[step], dt
        )
        if not found or not longest < LONGEST_SARCOMERE:
            return BEYOND_RANGE, step
        pumps_step(pumps, machines, nodes, inflow, dt)
        tract = tract_area(volumes[LV], constants[TRACT_AREA], constants[TRACT_EXPONENT])
        flow_step(flows, nodes, inflow, valves, tract, constants[DENSITY], dt)
        if balloon[LARGEST] > 0.0:
            balloon_step(balloon, machines, flows[1], step * dt, dt)
        net_inflow(flows, systemic, pulmonary, inflow)
        add_pump_flows(pumps, machines, inflow)
        inflow[SYSTEMIC_VEIN] += infusion
        for i in range(8):
            volumes[i] += dt * inflow[i]
        for i in range(patches.shape[0]):
            excited = step == work[i, ONSET]
            state[i, SINCE] = work[i, REMAINDER] if excited else state[i, SINCE] + dt
        empty = emptied(volumes, tubes)
        if empty >= 0:
            return EMPTY, empty
    return COMPLETED, n_steps
