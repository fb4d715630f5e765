"""One beat of heart and circulation in one compiled call.

Compartments, in this order everywhere: LV, RV, LA, RA, systemic artery, systemic vein, pulmonary
artery, pulmonary vein. Each step of length dt:

1. walls: every patch is linearised (one_fiber), TriSeg balances the junction (triseg);
2. pressures: chambers 2 C_m T plus the pericardium, tubes from their area; where blood enters a
   compartment its node pressure is p + Z V' with the inflow of the last step;
3. flows: valves one implicit step in their loss, capillary beds from the tube pressures;
4. volumes by the new flows, so blood is moved and never made; contractile elements last.

Atrium: V_m = V + V_w/2, C_m = (4 pi/(3 V_m))^(1/3), A_m = 4 pi/C_m^2. Ventricles: see triseg.
Chamber length 2 V_m^(1/3), lumen area (V + 0.1 V_w)/length (ventricles: V_m for V), impedance sqrt(f rho/(A dA/dT length))
with f = 4 for atria and 1 for ventricles. Pericardium: p = p_ref (V_total/V_ref)^k, V_total with
all walls. References: Arts et al. 2005; Lumens et al. 2009; Walmsley et al. 2015.
"""

import math

import numpy as np

from organtwin.compilation import kernel
from organtwin.physiology.circulation.small_vessels import bed_flow
from organtwin.physiology.circulation.tube import tube_state
from organtwin.physiology.circulation.valve import orifice_area, valve_step
from organtwin.physiology.mechanics.one_fiber import fiber_strain, linear_patch
from organtwin.physiology.mechanics.sarcomere import (
    REFERENCE_LENGTH,
    contractile_step,
    contractility_step,
    fiber_stress,
)
from organtwin.physiology.mechanics.triseg import junction_equilibrium

LV, RV, LA, RA, SYSTEMIC_ARTERY, SYSTEMIC_VEIN, PULMONARY_ARTERY, PULMONARY_VEIN = range(8)
WALL_LA, WALL_RA, WALL_LV, WALL_SEPTUM, WALL_RV = range(5)

# Columns of the parameter tables.
AREA, VOLUME, VELOCITY, ACTIVE, PASSIVE, RISE, DECAY, DURATION = range(8)
LENGTH, WALL_AREA, EXPONENT, PRESSURE, LUMEN = range(5)
OPEN, LEAK, COLUMN = range(3)
DENSITY, PERICARDIUM_VOLUME, PERICARDIUM_PRESSURE, PERICARDIUM_EXPONENT = range(4)

UPSTREAM = np.array([LA, LV, RA, RV, SYSTEMIC_VEIN, PULMONARY_VEIN])
DOWNSTREAM = np.array([LV, SYSTEMIC_ARTERY, RV, PULMONARY_ARTERY, RA, LA])

# Columns of the output: 8 volumes, 8 pressures, 6 valve flows, 2 bed flows, then:
N_OUTPUTS = 27
SEPTAL_VOLUME, JUNCTION_RADIUS, PERICARDIAL = 24, 25, 26

COMPLETED, EMPTY, BEYOND_RANGE = 0, 1, 2
SMALLEST_SHARE = 0.02
"""A vessel below this share of its reference area, or a chamber below 0.5 mL, counts as empty:
their pressure-area laws were never meant for it, and one step later nothing is left to flow."""
SMALLEST_CHAMBER = 0.5e-6
LONGEST_SARCOMERE = 3.2
"""[um]: beyond it no filament overlap is left, and the passive law was never measured."""


@kernel
def wall_sums(
    patches, wall_of, contractile, contractility, slack, compliance, patch_slack, patch_compliance
):
    """Slack area and compliance of each patch, added up per wall."""
    slack[:] = 0.0
    compliance[:] = 0.0
    for i in range(patches.shape[0]):
        a0, da = linear_patch(
            contractile[i], contractility[i], patches[i, AREA], patches[i, VOLUME],
            patches[i, ACTIVE], patches[i, PASSIVE],
        )  # fmt: skip
        patch_slack[i], patch_compliance[i] = a0, da
        slack[wall_of[i]] += a0
        compliance[wall_of[i]] += da


@kernel
def atrial_wall(volume, wall_volume, slack, compliance):
    """Tension [N/m], transmural pressure [Pa] and mid-wall volume [m3] of an atrium."""
    mid_volume = max(volume + 0.5 * wall_volume, 1e-9)
    curvature = (4.0 * math.pi / (3.0 * mid_volume)) ** (1.0 / 3.0)
    area = 4.0 * math.pi / (curvature * curvature)
    tension = max((area - slack) / compliance, 0.0)
    return tension, 2.0 * curvature * tension, mid_volume


@kernel
def chamber_node(volume, mid_volume, wall_volume, compliance, factor, density):
    """Lumen area [m2] and impedance [Pa s/m3] of a chamber where blood enters it."""
    length = 2.0 * mid_volume ** (1.0 / 3.0)
    area = max(volume + 0.1 * wall_volume, 1e-9) / length
    return area, math.sqrt(factor * density / (area * compliance * length))


@kernel
def chambers(
    volumes, wall_volumes, slack, compliance, junction, tension, pressure, area, impedance, density
):
    """Wall tensions, transmural chamber pressures and chamber nodes; moves the junction."""
    offsets, areas, tensions, curvatures = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    v_l = volumes[LV] + 0.5 * (wall_volumes[WALL_LV] + wall_volumes[WALL_SEPTUM])
    v_r = volumes[RV] + 0.5 * (wall_volumes[WALL_RV] + wall_volumes[WALL_SEPTUM])
    offsets[0], offsets[1], offsets[2] = -v_l, 0.0, v_r
    junction[0], junction[1], _, found = junction_equilibrium(
        offsets, slack[2:5], compliance[2:5], junction[0], junction[1], areas, tensions, curvatures
    )
    tension[2:5] = tensions
    pressure[LV] = -2.0 * curvatures[0] * tensions[0]
    pressure[RV] = 2.0 * curvatures[2] * tensions[2]
    for chamber, mid, wall in ((LV, v_l, WALL_LV), (RV, v_r, WALL_RV)):
        muscle = 0.5 * (wall_volumes[wall] + wall_volumes[WALL_SEPTUM])
        area[chamber], impedance[chamber] = chamber_node(
            mid, mid, muscle, compliance[wall], 1.0, density
        )
    for chamber, wall in ((LA, WALL_LA), (RA, WALL_RA)):
        tension[wall], pressure[chamber], mid = atrial_wall(
            volumes[chamber], wall_volumes[wall], slack[wall], compliance[wall]
        )
        area[chamber], impedance[chamber] = chamber_node(
            volumes[chamber], mid, wall_volumes[wall], compliance[wall], 4.0, density
        )
    return found


@kernel
def flow_step(flows, pressure, inflow, area, impedance, valves, density, dt):
    """Advance the six valve flows; node pressures hold the inflow of the last step."""
    passage = area.copy()
    for i in range(6):
        passage[UPSTREAM[i]] += valves[i, OPEN]
        passage[DOWNSTREAM[i]] += valves[i, OPEN]
    for i in range(6):
        up, down = UPSTREAM[i], DOWNSTREAM[i]
        difference = (
            pressure[up] + impedance[up] * inflow[up]
            - pressure[down] - impedance[down] * inflow[down]
        )  # fmt: skip
        orifice = orifice_area(flows[i], difference, valves[i, OPEN], valves[i, LEAK])
        flows[i] = valve_step(
            flows[i], difference, orifice, valves[i, COLUMN],
            passage[up] - valves[i, OPEN], passage[down] - valves[i, OPEN], density, dt,
        )  # fmt: skip


@kernel
def fiber_step(
    patches,
    wall_of,
    tension,
    patch_slack,
    patch_compliance,
    contractile,
    contractility,
    since,
    lengths,
    strain,
    stress,
    dt,
):
    """Stretch every patch by its wall's tension and advance its contractile element.

    The contractile element follows the length extrapolated to the middle of the step: with the
    length at its start, the fibre stress at 1 ms steps would be some 2 % too low in ejection.
    """
    longest = 0.0
    for i in range(patches.shape[0]):
        area = patch_slack[i] + tension[wall_of[i]] * patch_compliance[i]
        strain[i] = fiber_strain(max(area, 1e-9), patches[i, AREA])
        length = REFERENCE_LENGTH * math.exp(strain[i])
        stress[i] = fiber_stress(
            length, contractile[i], contractility[i], patches[i, ACTIVE], patches[i, PASSIVE]
        )
        contractility[i] = contractility_step(
            contractile[i], contractility[i], since[i] + 0.5 * dt, patches[i, RISE],
            patches[i, DECAY], patches[i, DURATION], dt,
        )  # fmt: skip
        halfway = 1.5 * length - 0.5 * lengths[i]
        contractile[i] = contractile_step(contractile[i], halfway, patches[i, VELOCITY], dt)
        lengths[i] = length
        longest = max(longest, length)
    return longest


@kernel
def run_beat(
    volumes, flows, contractile, contractility, since, lengths, junction,
    patches, wall_of, activation_times, wall_volumes, tubes, valves, beds, constants,
    infusion, dt, n_steps, outputs, strains, stresses,
):  # fmt: skip
    """Advance the state (first seven arguments, in place) by ``n_steps`` and record every step.

    ``infusion`` [m3/s] flows into the systemic veins. Returns ``(status, where)``: ``where`` is
    the compartment that emptied, or the step at which the model left its range.
    """
    n_patches = patches.shape[0]
    density = constants[DENSITY]
    slack, compliance, tension = np.empty(5), np.empty(5), np.empty(5)
    patch_slack, patch_compliance = np.empty(n_patches), np.empty(n_patches)
    area, pressure, impedance, inflow = np.empty(8), np.empty(8), np.empty(8), np.zeros(8)
    muscle = wall_volumes.sum()
    onset, remainder = np.empty(n_patches, np.int64), np.empty(n_patches)
    for i in range(n_patches):
        # In whole steps: comparing times would lose an excitation to rounding now and then. One
        # that falls into the next cycle is felt early in this one, as it will be in steady state.
        whole = math.floor(activation_times[i] / dt)
        remainder[i] = (whole + 1) * dt - activation_times[i]
        onset[i] = whole % n_steps
    for i in range(6):
        inflow[DOWNSTREAM[i]] += flows[i]
        inflow[UPSTREAM[i]] -= flows[i]
    for step in range(n_steps):
        wall_sums(
            patches,
            wall_of,
            contractile,
            contractility,
            slack,
            compliance,
            patch_slack,
            patch_compliance,
        )
        found = chambers(
            volumes,
            wall_volumes,
            slack,
            compliance,
            junction,
            tension,
            pressure,
            area,
            impedance,
            density,
        )
        size = muscle + volumes[LV] + volumes[RV] + volumes[LA] + volumes[RA]
        pericardial = (
            constants[PERICARDIUM_PRESSURE]
            * (size / constants[PERICARDIUM_VOLUME]) ** constants[PERICARDIUM_EXPONENT]
        )
        for i in range(4):
            pressure[i] += pericardial
            area[4 + i], pressure[4 + i], impedance[4 + i] = tube_state(
                volumes[4 + i], tubes[i, LENGTH], tubes[i, WALL_AREA], tubes[i, EXPONENT],
                tubes[i, PRESSURE], tubes[i, LUMEN], density,
            )  # fmt: skip
        # Conservation: V' of a tube is all that enters less all that leaves, capillaries included.
        systemic = bed_flow(pressure[4] - pressure[5], beds[0, 0], beds[0, 1], beds[0, 2])
        pulmonary = bed_flow(pressure[6] - pressure[7], beds[1, 0], beds[1, 1], beds[1, 2])
        inflow[4] -= systemic
        inflow[5] += systemic + infusion
        inflow[6] -= pulmonary
        inflow[7] += pulmonary
        row = outputs[step]
        for i in range(8):
            row[i] = volumes[i]
            row[8 + i] = pressure[i] + (impedance[i] * inflow[i] if i > 3 else 0.0)
        row[16:22] = flows
        row[22], row[23] = systemic, pulmonary
        row[SEPTAL_VOLUME], row[JUNCTION_RADIUS], row[PERICARDIAL] = (
            junction[0],
            junction[1],
            pericardial,
        )
        longest = fiber_step(patches, wall_of, tension, patch_slack, patch_compliance, contractile,
                             contractility, since, lengths, strains[step], stresses[step], dt)  # fmt: skip
        if not found or not longest < LONGEST_SARCOMERE:
            return BEYOND_RANGE, step
        flow_step(flows, pressure, inflow, area, impedance, valves, density, dt)
        inflow[:] = 0.0
        for i in range(6):
            inflow[DOWNSTREAM[i]] += flows[i]
            inflow[UPSTREAM[i]] -= flows[i]
        volumes += dt * inflow
        volumes[SYSTEMIC_ARTERY] -= dt * systemic
        volumes[SYSTEMIC_VEIN] += dt * (systemic + infusion)
        volumes[PULMONARY_ARTERY] -= dt * pulmonary
        volumes[PULMONARY_VEIN] += dt * pulmonary
        for i in range(n_patches):
            since[i] = remainder[i] if step == onset[i] else since[i] + dt
        for i in range(4):
            if not volumes[i] > SMALLEST_CHAMBER:
                return EMPTY, i
            if not volumes[4 + i] > SMALLEST_SHARE * tubes[i, LUMEN] * tubes[i, LENGTH]:
                return EMPTY, 4 + i
    return COMPLETED, n_steps
