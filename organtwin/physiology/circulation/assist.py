"""Machines that move blood: a rotary pump between two compartments, and a balloon in the aorta.

Pump, in the same step scheme as a valve, between the node pressures p of inlet and outlet:

    L q' = p_in - p_out + H(q) - (R + R_s) q - K |q| q
    H(q) = min(h_0 + h_1 q + h_2 q^2 + h_3 q^3, H_max)  for q >= 0,   h_0 + h_1 q  for q < 0
    R_s  = r (p_s - p_in)  where p_in < p_s, else 0

q flow [m3/s], H head [Pa] at one speed, R and K linear and quadratic loss of the cannulas, L their
inertance. R_s is suction: a tissue that the inlet draws in narrows it (Choi et al. 1997 for the
left ventricle, p_s = 1 mmHg). Backward flow follows the slope of the curve at zero flow, because no
curve was measured there. Head and losses are linearised at the old flow; as both slopes
are against the flow, one step is stable.

Balloon: a volume that takes the place of blood in the aorta. It is blown up when the aortic valve
closes after an ejection, or at the end of contraction when none came, and let down before the next
excitation of the ventricles, at a constant rate each way.
"""

from organtwin.arrays import FloatArray
from organtwin.compilation import kernel

# Columns of the table of pumps.
SLOT, INLET, OUTLET, HEAD_0, HEAD_1, HEAD_2, HEAD_3, CEILING = range(8)
RESISTANCE, LOSS, INERTANCE, SUCTION_PRESSURE, SUCTION_RESISTANCE = range(8, 13)
PUMP_COLUMNS = 13

# Slots: one flow each, in the state and in the output.
LEFT_VENTRICULAR, TRANSVALVULAR, RIGHT_SIDED, EXTRACORPOREAL = range(4)
PUMP_SLOTS = ("lvad", "impella", "rvad", "ecmo")

# The balloon: its volume, rate of change, start of deflation and latest inflation in the cycle.
LARGEST, RATE, DEFLATION, LATEST = range(4)

# State of the machines: a flow per slot, then the balloon.
FILLED, BLOWN_UP, EJECTED = range(4, 7)
N_MACHINE_STATES = 7

EJECTION = 1e-5
"""[m3/s]: more forward flow than this through the aortic valve is an ejection; 10 mL/s lie well
under the peak of the weakest beat and well over what a closing valve rings with."""


@kernel
def pump_head(row: FloatArray, flow: float) -> tuple[float, float]:
    """Head [Pa] of a pump at a flow, and its slope [Pa s/m3]."""
    if flow < 0.0:
        head, slope = row[HEAD_0] + row[HEAD_1] * flow, row[HEAD_1]
    else:
        head = row[HEAD_0] + flow * (row[HEAD_1] + flow * (row[HEAD_2] + flow * row[HEAD_3]))
        slope = row[HEAD_1] + flow * (2.0 * row[HEAD_2] + 3.0 * flow * row[HEAD_3])
    if head > row[CEILING]:
        return float(row[CEILING]), 0.0
    return float(head), float(min(slope, 0.0))


@kernel
def suction_resistance(row: FloatArray, inlet_pressure: float) -> float:
    """What a collapsing inlet adds to the resistance [Pa s/m3]."""
    return float(row[SUCTION_RESISTANCE] * max(row[SUCTION_PRESSURE] - inlet_pressure, 0.0))


@kernel
def pump_step(
    row: FloatArray, flow: float, inlet_pressure: float, outlet_pressure: float, dt: float
) -> float:
    """Flow [m3/s] after ``dt``."""
    head, slope = pump_head(row, flow)
    drive = inlet_pressure - outlet_pressure + head - slope * flow
    resistance = (
        row[RESISTANCE] + suction_resistance(row, inlet_pressure) + row[LOSS] * abs(flow) - slope
    )
    share = dt / row[INERTANCE]
    return float((flow + share * drive) / (1.0 + share * resistance))


@kernel
def pumps_step(
    pumps: FloatArray, machines: FloatArray, nodes: FloatArray, inflow: FloatArray, dt: float
) -> None:
    """Advance the flows of all pumps between the node pressures p + Z V'."""
    for i in range(pumps.shape[0]):
        row = pumps[i]
        slot, up, down = int(row[SLOT]), int(row[INLET]), int(row[OUTLET])
        machines[slot] = pump_step(
            row, machines[slot], nodes[up, 1] + nodes[up, 2] * inflow[up],
            nodes[down, 1] + nodes[down, 2] * inflow[down], dt,
        )  # fmt: skip


@kernel
def add_pump_flows(pumps: FloatArray, machines: FloatArray, inflow: FloatArray) -> None:
    """What the pumps take and give, into the net inflow [m3/s] of every compartment."""
    for i in range(pumps.shape[0]):
        flow = machines[int(pumps[i, SLOT])]
        inflow[int(pumps[i, INLET])] -= flow
        inflow[int(pumps[i, OUTLET])] += flow


@kernel
def balloon_step(
    balloon: FloatArray, machines: FloatArray, aortic_flow: float, time: float, dt: float
) -> None:
    """Advance the balloon by ``dt`` from ``time`` in the cycle [s]."""
    if balloon[DEFLATION] <= time < balloon[DEFLATION] + dt:
        machines[BLOWN_UP] = machines[EJECTED] = 0.0
    if aortic_flow > EJECTION:
        machines[EJECTED] = 1.0
    closed = machines[EJECTED] > 0.0 and aortic_flow <= 0.0
    if time >= balloon[DEFLATION] + dt and (closed or time >= balloon[LATEST]):
        machines[BLOWN_UP] = 1.0
    wanted = balloon[LARGEST] if machines[BLOWN_UP] > 0.0 else 0.0
    step = balloon[RATE] * dt
    machines[FILLED] += min(max(wanted - machines[FILLED], -step), step)
