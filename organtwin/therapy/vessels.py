"""Volume that enters or leaves the vessels of the body, as the model's own vessels feel it.

The model holds the blood of the chambers and the large vessels only. What is added to all vessels
stretches those too that it leaves out, so it is shared by compliance: 54 mL/mmHg in the model
(default heart, muscle at rest, between 769 and 940 mL), some 160 mL/mmHg in the body. There, 0.7 L
more blood raised right atrial pressure by 4 mmHg (starch, 10 failing hearts: Cardiovascular Volume
Reserve in HFrEF, J Cardiovasc Transl Res 2022), and 1 L less, of which a third to a half was
refilled, lowered it by 4.7 mmHg (Johnson 2013, 6 healthy men).

Limit: the same share for every heart; where veins and sac are already tight, less would be felt.
"""

from dataclasses import replace

from organtwin.simulation.conditions import Conditions

MODEL_SHARE = 1.0 / 3.0
"""54 of 160 mL/mmHg."""


def with_volume(conditions: Conditions, added: float) -> Conditions:
    """Conditions with a volume [m3] more in all vessels of the body, or less where negative.

    Raises
    ------
    ParameterError
        The model does not cover so little or so much blood.
    """
    if added == 0.0:
        return conditions
    held = conditions.parameters["blood_volume"]
    changed = conditions.with_parameters(blood_volume=held + MODEL_SHARE * added)
    return replace(changed, tight_sac=changed.tight_sac or added > 0.0)
