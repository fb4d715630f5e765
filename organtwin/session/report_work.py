"""Making a report or a bundle, step by step, and writing it whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from organtwin.session.jobs import watched
from organtwin.session.notice import Notice
from organtwin.session.report import Reported
from organtwin.session.report_digests import ReportDigests, report_digests

if TYPE_CHECKING:
    from organtwin.session.session import Session
    from organtwin.tasks.job import Job
    from organtwin.tasks.progress import Progress
    from organtwin.twin.plan_comparison import HeartsUnder
    from organtwin.twin.twin import Twin

PDF, ZIP = ".pdf", ".zip"
Painting = Callable[[Reported, ReportDigests, datetime], bytes]
"""What makes a PDF of it; safe to call off the GUI thread."""


@dataclass(frozen=True, slots=True)
class ReportStep:
    """Progress; ``left_out`` says of the case that belongs into a bundle, why it is not there."""

    fraction: float
    message: str
    written: Path | None = None
    left_out: str = ""


def writing(
    found: Reported, files: Sequence[Path], made: datetime, paint: Painting,
    untreated: "Callable[[Twin], HeartsUnder]",
) -> Iterator[ReportStep]:  # fmt: skip
    """Write a PDF and bundles, by their endings; whoever stops between two steps gets no file.

    Raises
    ------
    RecordError
        A file cannot be written, or one of the heart no longer be read.
    """
    yield ReportStep(0.0, "Looking at the untreated hearts")
    if not found.untreated.bands:
        bands = untreated(found.twin).bands
        found = replace(found, untreated=replace(found.untreated, bands=bands))
    yield ReportStep(0.2, "Taking the digests")
    digests = report_digests(found)
    yield ReportStep(0.4, "Painting the page")
    page = paint(found, digests, made)
    from organtwin.store.bundle import write_report

    for file in files:
        content, left_out = page, ""
        if file.suffix.lower() == ZIP:
            yield ReportStep(0.6, "Packing the bundle")
            content, left_out = _bundled(found, digests, made, page)
        yield ReportStep(0.9, f"Writing {file.name}")
        write_report(file, content)
        yield ReportStep(1.0, f"{file.name} written", file, left_out)


def _bundled(
    found: Reported, digests: ReportDigests, made: datetime, page: bytes
) -> tuple[bytes, str]:
    from organtwin.session.report_files import bundle_files
    from organtwin.store.bundle import CASE, bundle_bytes, packed_case

    files = bundle_files(found, digests, made, page)
    case, why = packed_case(found.twin.record)
    if case is not None:
        files[CASE] = case
    return bundle_bytes(files, {CASE: why} if why else {}), why


def start_writing(session: "Session", found: Reported, file: Path, paint: Painting) -> "Job[str]":
    """Write in the background, with progress; what goes wrong is told in the window."""
    doing = f"Writing {file.name}"
    made = datetime.now().astimezone()

    def work(progress: "Progress") -> str:
        left_out = ""
        for step in watched(
            writing(found, [file], made, paint, session.science.untreated), progress
        ):
            left_out = step.left_out or left_out
        return left_out

    def done(left_out: str) -> None:
        if left_out:
            session.notice = Notice(
                f"{file.name} was written without the case", left_out,
                "Save the case first (File > Save case) to have it in the bundle.",
            )  # fmt: skip

    return session.jobs.start(
        session.jobs.lanes.reading, doing, work, on_result=done,
        on_error=lambda error: session.report(error, doing),
    )  # fmt: skip
