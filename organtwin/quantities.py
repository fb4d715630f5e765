"""The vocabulary of what can be measured on a patient and read off a simulated beat.

One name, one meaning, one clinical unit: the record, the fit, the response table and the window
all use it. ``lower`` and ``upper`` bound what a living adult can show; a value outside them is a
typing error or a unit error and is refused. They are wide on purpose: they are no normal range.
"""

from dataclasses import dataclass

from organtwin.errors import UnknownNameError
from organtwin.units import from_si, to_si


@dataclass(frozen=True, slots=True)
class Quantity:
    """A named clinical quantity; ``lower`` and ``upper`` are in ``unit``."""

    name: str
    label: str
    unit: str
    lower: float
    upper: float
    decimals: int
    meaning: str

    def to_si(self, value: float) -> float:
        return to_si(value, self.unit)

    def from_si(self, value: float) -> float:
        return from_si(value, self.unit)

    def text(self, value_si: float) -> str:
        """``117 mmHg``: the value as a clinician reads it."""
        return f"{self.from_si(value_si):.{self.decimals}f} {self.unit}"


_ROWS: tuple[tuple[str, str, str, float, float, int, str], ...] = (
    ("heart_rate", "HR", "1/min", 15, 300, 0, "heart rate"),
    ("systolic_pressure", "SBP", "mmHg", 30, 300, 0, "systolic arterial pressure"),
    ("diastolic_pressure", "DBP", "mmHg", 10, 200, 0, "diastolic arterial pressure"),
    ("mean_arterial_pressure", "MAP", "mmHg", 20, 220, 0, "mean arterial pressure"),
    ("pulse_pressure", "PP", "mmHg", 3, 200, 0, "arterial pulse pressure"),
    ("cardiac_output", "CO", "L/min", 0.5, 25, 2, "cardiac output: net flow through the aortic valve and left-sided pumps"),
    ("stroke_volume", "SV", "mL", 5, 250, 0, "net forward stroke volume"),
    ("lv_edv", "LVEDV", "mL", 20, 600, 0, "left ventricular end-diastolic volume"),
    ("lv_esv", "LVESV", "mL", 5, 550, 0, "left ventricular end-systolic volume"),
    ("lv_ef", "LVEF", "%", 3, 95, 0, "left ventricular ejection fraction"),
    ("rv_edv", "RVEDV", "mL", 20, 600, 0, "right ventricular end-diastolic volume"),
    ("rv_esv", "RVESV", "mL", 5, 550, 0, "right ventricular end-systolic volume"),
    ("rv_ef", "RVEF", "%", 3, 95, 0, "right ventricular ejection fraction"),
    ("la_volume_max", "LAVmax", "mL", 10, 500, 0, "largest left atrial volume"),
    ("ra_volume_max", "RAVmax", "mL", 10, 500, 0, "largest right atrial volume"),
    ("lv_edp", "LVEDP", "mmHg", 0, 60, 1, "left ventricular end-diastolic pressure"),
    ("lv_systolic_pressure", "LVSP", "mmHg", 30, 350, 0, "peak left ventricular pressure"),
    ("rv_systolic_pressure", "RVSP", "mmHg", 8, 180, 0, "peak right ventricular pressure"),
    ("rv_edp", "RVEDP", "mmHg", -5, 40, 1, "right ventricular end-diastolic pressure"),
    ("pcwp", "PCWP", "mmHg", 0, 60, 1, "pulmonary capillary wedge pressure; compared with mean LA pressure"),
    ("ra_pressure", "RAP", "mmHg", -5, 40, 1, "mean right atrial pressure"),
    ("pa_systolic", "PA sys", "mmHg", 5, 180, 0, "systolic pulmonary artery pressure"),
    ("pa_diastolic", "PA dia", "mmHg", 0, 120, 0, "diastolic pulmonary artery pressure"),
    ("pa_mean", "PA mean", "mmHg", 3, 140, 0, "mean pulmonary artery pressure"),
    ("dp_dt_max", "dP/dt max", "mmHg/s", 100, 8000, 0, "largest rate of rise of LV pressure"),
    ("dp_dt_min", "dP/dt min", "mmHg/s", -8000, -100, 0, "largest rate of fall of LV pressure"),
    ("systemic_vascular_resistance", "SVR", "dyn s/cm5", 100, 6000, 0, "(MAP - RAP)/CO"),
    ("pulmonary_vascular_resistance", "PVR", "dyn s/cm5", 5, 4000, 0, "(mPAP - PCWP)/CO"),
    ("aortic_mean_gradient", "AV mean grad", "mmHg", 0, 150, 0, "mean systolic aortic valve gradient"),
    ("aortic_peak_velocity", "AV Vmax", "m/s", 0.3, 8, 1, "peak velocity through the aortic valve"),
    ("lv_strain", "LV strain", "%", -45, 5, 1, "peak shortening of the LV free wall and septum fibres"),
    ("aortic_valve_area", "AVA", "cm2", 0.1, 8, 2, "effective open area of the aortic valve"),
    ("mitral_valve_area", "MVA", "cm2", 0.2, 12, 2, "effective open area of the mitral valve"),
    ("aortic_leak_area", "AR EROA", "cm2", 0, 2, 2, "aortic regurgitant orifice area"),
    ("mitral_leak_area", "MR EROA", "cm2", 0, 2, 2, "mitral regurgitant orifice area"),
    ("tricuspid_leak_area", "TR EROA", "cm2", 0, 2, 2, "tricuspid regurgitant orifice area"),
    ("aortic_peak_gradient", "AV peak grad", "mmHg", 0, 256, 0, "peak aortic valve gradient by Doppler"),
    ("mitral_mean_gradient", "MV mean grad", "mmHg", 0, 60, 1, "mean mitral valve gradient by Doppler"),
    ("mitral_peak_gradient", "MV peak grad", "mmHg", 0, 100, 0, "peak mitral valve gradient by Doppler"),
    ("tricuspid_mean_gradient", "TV mean grad", "mmHg", 0, 60, 1, "mean tricuspid valve gradient by Doppler"),
    ("tricuspid_peak_gradient", "TV peak grad", "mmHg", 0, 100, 0, "peak tricuspid valve gradient by Doppler"),
    ("pulmonary_mean_gradient", "PV mean grad", "mmHg", 0, 150, 0, "mean pulmonary valve gradient by Doppler"),
    ("pulmonary_peak_gradient", "PV peak grad", "mmHg", 0, 256, 0, "peak pulmonary valve gradient by Doppler"),
    ("aortic_net_gradient", "AV net grad", "mmHg", 0, 150, 0, "mean aortic valve gradient by catheter, after pressure recovery"),
    ("lvot_gradient", "LVOT grad", "mmHg", 0, 300, 0, "peak gradient of a narrowed left ventricular outflow tract by Doppler"),
    ("lvot_area", "LVOT area", "cm2", 0.05, 20, 2, "effective area of a narrowed outflow tract at 50 mL in the left ventricle"),
    ("tricuspid_valve_area", "TVA", "cm2", 0.2, 12, 2, "effective open area of the tricuspid valve"),
    ("pulmonary_valve_area", "PVA", "cm2", 0.1, 8, 2, "effective open area of the pulmonary valve"),
    ("pulmonary_leak_area", "PR EROA", "cm2", 0, 2, 2, "pulmonary regurgitant orifice area"),
    ("aortic_regurgitant_volume", "AR RVol", "mL", 0, 300, 0, "volume that runs back through the aortic valve per beat"),
    ("aortic_regurgitant_fraction", "AR RF", "%", 0, 100, 0, "share of the forward flow that runs back through the aortic valve"),
    ("mitral_regurgitant_volume", "MR RVol", "mL", 0, 300, 0, "volume that runs back through the mitral valve per beat"),
    ("mitral_regurgitant_fraction", "MR RF", "%", 0, 100, 0, "share of the forward flow that runs back through the mitral valve"),
    ("tricuspid_regurgitant_volume", "TR RVol", "mL", 0, 300, 0, "volume that runs back through the tricuspid valve per beat"),
    ("tricuspid_regurgitant_fraction", "TR RF", "%", 0, 100, 0, "share of the forward flow that runs back through the tricuspid valve"),
    ("pulmonary_regurgitant_volume", "PR RVol", "mL", 0, 300, 0, "volume that runs back through the pulmonary valve per beat"),
    ("pulmonary_regurgitant_fraction", "PR RF", "%", 0, 100, 0, "share of the forward flow that runs back through the pulmonary valve"),
    ("native_output", "AV flow", "L/min", -10, 25, 2, "net flow through the aortic valve alone"),
    ("pump_flow", "Pump flow", "L/min", -5, 15, 2, "flow of the pumps from the left ventricle to the aorta"),
    ("rvad_flow", "RVAD flow", "L/min", -5, 15, 2, "flow of the pump to the pulmonary artery"),
    ("ecmo_flow", "ECMO flow", "L/min", -5, 15, 2, "flow of extracorporeal circulation to the aorta"),
    ("pericardial_effusion", "Effusion", "mL", 0, 2000, 0, "fluid in the pericardial sac"),
    ("septal_thickness", "IVSd", "mm", 2, 30, 1, "septal wall thickness at end-diastole"),
    ("posterior_wall_thickness", "PWd", "mm", 2, 30, 1, "posterior wall thickness of the LV at end-diastole"),
    ("lv_mass", "LV mass", "g", 30, 700, 0, "left ventricular muscle mass, septum included"),
    ("rv_mass", "RV mass", "g", 8, 300, 0, "right ventricular free-wall muscle mass"),
    ("rr_interval", "RR", "ms", 200, 4000, 0, "mean interval between R peaks"),
    ("rr_sd", "RR sd", "ms", 0, 1500, 0, "standard deviation of RR intervals"),
    ("pr_interval", "PR", "ms", 60, 600, 0, "PR interval"),
    ("qrs_duration", "QRS", "ms", 40, 320, 0, "QRS duration"),
    ("qt_interval", "QT", "ms", 180, 800, 0, "QT interval"),
)  # fmt: skip

QUANTITIES: dict[str, Quantity] = {row[0]: Quantity(*row) for row in _ROWS}


def quantity(name: str) -> Quantity:
    """Look up a quantity by name.

    Raises
    ------
    UnknownNameError
        With the nearest known name.
    """
    try:
        return QUANTITIES[name]
    except KeyError:
        labels = {known.label: known.name for known in QUANTITIES.values()}
        raise UnknownNameError("quantity", name, tuple(QUANTITIES), labels) from None
