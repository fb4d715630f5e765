"""The live source that the options of ``organtwin follow`` name."""

import argparse
from dataclasses import replace
from pathlib import Path

from organtwin.errors import RecordError, UsageError
from organtwin.link.data_link import DataLink
from organtwin.link.fhir_polling import FhirPolling, bearer
from organtwin.link.lsl import PATIENT_KINDS, LslStream
from organtwin.link.mllp import MllpListener
from organtwin.link.peers import LOOPBACK
from organtwin.link.replay import Replay
from organtwin.link.together import Together
from organtwin.link.watch import WatchedFolder
from organtwin.patient.numbers.fhir import read_observation
from organtwin.patient.readers import read_recording
from organtwin.patient.recording import Recording

_BELONGS = {
    "speed": ("replay",), "begin": ("replay",), "name": ("lsl",), "bind": ("mllp",),
    "allow": ("mllp",), "patient": ("mllp", "fhir"), "token": ("fhir",),
}  # fmt: skip
_SPELLED = {"begin": "from"}


def source_of(options: argparse.Namespace) -> DataLink:
    """The link, not yet asked for anything; a replay is paused.

    Raises
    ------
    UsageError
        An option that belongs to another source, or one that is missing.
    RecordError, ParameterError
        The source cannot be.
    """
    _refuse_foreign(options)
    if options.replay:
        return _replay(options)
    if options.lsl:
        named = [LslStream(name=name) for name in options.name]
        return Together(named or [LslStream(kind=kind) for kind in PATIENT_KINDS])
    if options.mllp is not None:
        return MllpListener(
            options.bind or LOOPBACK, options.mllp, peers=options.allow, patient=options.patient
        )
    if options.fhir:
        if not options.patient:
            raise UsageError(
                "organtwin", "--patient", expected="the id of a patient on the server",
                got="nothing", remedy="Give --patient ID with --fhir.",
            )  # fmt: skip
        headers = bearer(_token(options.token))
        return FhirPolling(options.fhir, options.patient, read_observation, headers=headers)
    return WatchedFolder(options.folder)


def _refuse_foreign(options: argparse.Namespace) -> None:
    kinds = ("replay", "lsl", "mllp", "fhir", "folder")
    kind = next(k for k in kinds if getattr(options, k) not in (None, False))
    for name, owners in _BELONGS.items():
        given = getattr(options, name) not in (None, [], "", 1.0)
        if given and kind not in owners:
            raise UsageError(
                "organtwin", f"--{_SPELLED.get(name, name)}",
                expected=f"it with --{' or --'.join(owners)}", got=f"it with --{kind}",
                remedy="Leave it out.",
            )  # fmt: skip


def _token(file: Path | None) -> str:
    if file is None:
        return ""
    try:
        text = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        text, got = "", f"{error}"
    else:
        got = f"{len(text.split())} words"
    if len(text.split()) != 1:
        raise RecordError(
            str(file), "token", expected="one word, as the server gave it", got=got,
            remedy="Put the access token, and nothing else, into the file.",
        )  # fmt: skip
    return text


def _replay(options: argparse.Namespace) -> Replay:
    replay = Replay(together(options.replay), speed=options.speed)
    if options.begin is not None:
        replay.seek(options.begin)
    replay.pause()
    return replay


def together(files: list[Path]) -> Recording:
    """Recordings that begin at the same moment as one.

    Raises
    ------
    RecordError
        One cannot be read, or a channel is in two of them.
    """
    first, *others = [read_recording(file) for file in files]
    waveforms = dict(first.waveforms)
    for other in others:
        for name, wave in other.waveforms.items():
            if name in waveforms:
                raise RecordError(
                    other.source, f"lead {name}", expected="each channel in one file",
                    got=f"it in {first.source} too", remedy="Leave one of the files out.",
                )  # fmt: skip
            waveforms[name] = wave
    return replace(first, waveforms=waveforms)
