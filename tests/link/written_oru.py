"""ORU messages as monitors send them, written here line by line."""

MSH = "MSH|^~\\&|MONITOR|ICU|TWIN||20240131120500.000+0100||{kind}|{control}|P|2.6"
PERSON = "PID|||{patient}^^^HOSP||DOE^JANE"
ORDER = "OBR|1|||1^numerics|||20240131120459.000+0100"
RATE = "OBX|2|NM|8867-4^Heart rate^LN|1.1.1|72|/min^per minute^UCUM|||||F"
ART = (
    "OBX|3|NM|150033^MDC_PRESS_BLD_ART_SYS^MDC|1.1.2|120|266016^MDC_DIM_MMHG^MDC|||||R"
    "|||20240131120458.500+0100"
)
LEAD = (
    "OBX|4|NA|131330^MDC_ECG_ELEC_POTL_II^MDC|1.2.1|0^0.5^-0.25^1|266418^MDC_DIM_MILLI_VOLT^MDC"
    "|||||R|||20240131120458.000+0100"
)
LEAD_RATE = "OBX|5|NM|0^MDC_ATTR_SAMP_RATE^MDC|1.2.1.1|250|264608^MDC_DIM_PER_SEC^MDC|||||R"


def oru(
    *lines: str, control: str = "1", kind: str = "ORU^R01^ORU_R01", patient: str = "7"
) -> bytes:
    """A message with these segments after MSH, PID (unless ``patient`` is empty) and OBR."""
    head = [MSH.format(kind=kind, control=control)]
    head += [PERSON.format(patient=patient)] if patient else []
    return ("\r".join([*head, ORDER, *lines]) + "\r").encode()
