"""What a patient can be, as far as checked ranges ask for it; found in ``twin.patient_traits``."""

from collections.abc import Mapping
from types import MappingProxyType

TRAITS: Mapping[str, str] = MappingProxyType({
    "heart failure": "ejection fraction below 45 %",
    "preserved heart failure": "heart failure by the diagnosis, ejection fraction of 45 % or more",
    "pulmonary arterial hypertension": "mean pulmonary artery pressure above 25 mmHg, "
    "resistance above 240 dyn s/cm5, wedge pressure of 15 mmHg or less",
    "severe aortic stenosis": "aortic valve area below 1.0 cm2",
    "aortic stenosis": "aortic valve area below 1.5 cm2, at least moderate",
    "severe aortic regurgitation": "aortic regurgitant orifice of 0.30 cm2 or more",
    "mitral stenosis": "mitral valve area below 1.5 cm2",
    "severe mitral regurgitation": "mitral regurgitant orifice of 0.40 cm2 or more",
    "aortic valve disease": "aortic valve area below 2.0 cm2 or orifice of 0.10 cm2 or more",
    "mitral valve disease": "mitral valve area below 2.5 cm2 or orifice of 0.20 cm2 or more",
    "tricuspid valve disease": "tricuspid valve narrowed or leaking as the mitral one",
    "pulmonary valve disease": "pulmonary valve narrowed or leaking as the aortic one",
    "effusion": "fluid in the pericardial sac, 50 mL or more",
    "congestion": "wedge pressure above 12 mmHg or right atrial pressure above 8 mmHg",
    "hypertrophic cardiomyopathy": "by the diagnosis",
    "coronary disease": "by the diagnosis, or an infarct in the plan",
    "kidney failure": "by the diagnosis",
    "wide QRS": "QRS of 120 ms or more, or left bundle branch block",
    "transplanted heart": "no nerve reaches it",
    "shock": "cardiac output below 3.5 L/min or systolic pressure below 90 mmHg",
})  # fmt: skip
"""By name, with how it is told."""

_SAID = {
    "heart failure": "heart failure with an EF below 45 %",
    "preserved heart failure": "heart failure with an EF of 45 % or more",
}


def said(trait: str) -> str:
    """A trait as a reader understands it, who does not know how traits are told apart."""
    return _SAID.get(trait, trait)
