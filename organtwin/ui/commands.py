"""What the menus do. Each command sets the session or asks the user for a file name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from organtwin import PURPOSE, __version__
from organtwin.errors import InputError
from organtwin.session.archive_work import SUFFIX
from organtwin.session.notice import notice_of
from organtwin.session.playhead import SPEEDS
from organtwin.session.session import Session
from organtwin.session.table import rows, write_table
from organtwin.simulation.electric_plan import ElectricPlan
from organtwin.tasks.progress import Progress
from organtwin.ui.memory_commands import MemoryCommands
from organtwin.ui.panels.markings import MarkingsList
from organtwin.ui.plan_commands import PlanCommands
from organtwin.ui.report_commands import ReportCommands
from organtwin.ui.widgets.c_arm_dialog import CArmDialog

if TYPE_CHECKING:
    from organtwin.ui.views.heart_dialog import HeartDialog
    from organtwin.ui.views.import_dialog import ImportDialog

CUT_STEP = 2e-3
"""[m] How far a key moves the cut."""
_FILES = (
    "Cases and recordings (*.toml *.json *.otwin *.hea *.dcm *.mat *.dat *.xml *.scp *.edf *.csv);;"
    "All files (*)"
)
_IMPORTS = (
    "Recordings, FHIR, HL7, DICOM reports, tables, hearts (*.json *.ndjson *.hl7 *.oru *.txt *.dcm "
    "*.csv *.hea *.dat *.mat *.xml *.scp *.edf *.nii *.nii.gz *.nrrd *.ply *.stl *.obj);;"
    "All files (*)"
)
_HEARTS = (
    "Images and meshes of a heart (*.nii *.nii.gz *.nrrd *.nhdr *.dcm *.dicom *.ply *.stl *.obj "
    "*.vtp *.vtk *.vtu *.pts *.elem *.lon *.txt);;All files (*)"
)
_MODELS = {
    "Surface now, mm: STL (*.stl)": False,
    "Coloured surface now, mm: PLY (*.ply)": False,
    "Whole beat as animation, m: glTF (*.glb)": True,
    "Tissue with fields now, m: VTK (*.vtu)": False,
    "Tissue with fields, whole beat, m: VTK series (*.vtu)": True,
}
"""Kinds of 3D model, and whether they hold the whole beat."""
_ABOUT = f"""<h3>OrganTwin {__version__}</h3>
<p>One patient's heart as a mechanistic digital twin: fitted to the patient's data, beating in 3D,
answering what a therapy would do.</p>
<p><b>{PURPOSE}.</b></p>
<p>Every number says whether it was measured, simulated or predicted. A prediction holds only
inside the range in which the model was checked; each therapy card names its equation, source
and limits.</p>
<p>Licence: Apache 2.0</p>"""


class Commands(QObject):
    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self.session = session
        self.window = window
        self._markings: MarkingsList | None = None
        self._asking: HeartDialog | None = None
        self._importing: ImportDialog | None = None
        self.memory = MemoryCommands(session, window)
        self.plans = PlanCommands(session, window)
        self.reports = ReportCommands(session, window)
        self.angles_now: Callable[[], tuple[float, float] | None] = lambda: None
        """From where the heart is seen [degrees]; the window tells it."""
        session.heart_changed.connect(self._ask_about_heart)
        session.intake_changed.connect(self._ask_about_import)
        session.saving.may_discard = self.settle_unsaved

    def open_case(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, "Open a case", "", _FILES)
        if path.lower().endswith(SUFFIX):
            self.memory.open_archive(Path(path))
        elif path:
            self.session.open(path)

    def save_case(self) -> None:
        """Write the case where it came from; one that ships with the program goes elsewhere."""
        record = self.session.record
        if record is None:
            return
        from organtwin.patient.case_saving import is_bundled

        if record.case_file is None or is_bundled(record):
            self.save_case_as()
        else:
            self.session.saving.save(record.case_file)

    def save_case_as(self) -> None:
        """Ask for a place and write the case there."""
        record = self.session.record
        if record is None:
            return
        suffix = record.case_file.suffix if record.case_file else ".json"
        path, _ = QFileDialog.getSaveFileName(
            self.window, "Save the case", f"{record.case_id}{suffix}", f"Case (*{suffix})"
        )
        if path:
            named = Path(path)
            self.session.saving.save(named if named.suffix else named.with_suffix(suffix))

    def settle_unsaved(self) -> bool:
        """Ask what to do with changes that are not saved; True when nothing holds them back."""
        session = self.session
        if session.record is None or not session.saving.unsaved:
            return True
        button = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self.window,
            "Changes that are not saved",
            f"{session.record.title} has changes that are not saved in its case.",
            button.Save | button.Discard | button.Cancel,
            button.Save,
        )
        if answer == button.Save:
            self.save_case()
            return not session.saving.unsaved
        return answer == button.Discard

    def connect_source(self) -> None:
        """Ask which live source the twin is to follow."""
        from organtwin.ui.views.connect_dialog import ConnectDialog

        ConnectDialog(self.session, self.window).exec()

    def disconnect_source(self) -> None:
        """End following."""
        self.session.stream.disconnect()

    def open_heart(self) -> None:
        """Ask for the files of the patient's heart; what they are is asked once they are read."""
        paths, _ = QFileDialog.getOpenFileNames(
            self.window, "Open the patient's heart: all its files together", "", _HEARTS
        )
        if paths:
            self.session.open_heart([Path(path) for path in paths])

    @Slot()
    def _ask_about_heart(self) -> None:
        """Follow the session: files that were read are asked about, once."""
        files = self.session.heart_files
        if self._asking is not None:
            if self._asking.told is files:
                return
            self._asking.reject()
        if files is not None:
            from organtwin.ui.views.heart_dialog import HeartDialog  # the readers are many

            self._asking = HeartDialog(self.session, files, self.window)
            self._asking.finished.connect(self._stop_asking)
            self._asking.open()

    @Slot()
    def _stop_asking(self) -> None:
        if self._asking is not None:
            asking, self._asking = self._asking, None
            if self.session.heart_files is asking.told:
                self.session.heart_files = None
            asking.deleteLater()

    def import_files(self) -> None:
        """Ask for files of one patient; what they hold is shown once they are read."""
        paths, _ = QFileDialog.getOpenFileNames(
            self.window, "Import files of one patient, all together", "", _IMPORTS
        )
        if paths:
            self.session.imports.read([Path(path) for path in paths])

    @Slot()
    def _ask_about_import(self) -> None:
        """Show what was read, in place of what was asked about before."""
        intake = self.session.intake
        if self._importing is not None:
            self._importing.reject()
        if intake is not None:
            from organtwin.ui.views.import_dialog import ImportDialog  # the readers are many

            self._importing = ImportDialog(self.session, intake, self.window)
            self._importing.finished.connect(self._stop_importing)
            self._importing.open()

    @Slot()
    def _stop_importing(self) -> None:
        if self._importing is not None:
            done, self._importing = self._importing, None
            done.deleteLater()

    def close_window(self) -> None:
        self.window.close()

    def play_or_pause(self) -> None:
        self.session.playhead.playing = not self.session.playhead.playing

    def step_forward(self) -> None:
        self.session.playhead.step(1)

    def step_back(self) -> None:
        self.session.playhead.step(-1)

    def faster(self) -> None:
        self._change_speed(1)

    def slower(self) -> None:
        self._change_speed(-1)

    def undo(self) -> None:
        self.session.undo()

    def redo(self) -> None:
        self.session.redo()

    def toggle_cut(self) -> None:
        """Close the heart, or open it along the first of the cuts: the four-chamber plane."""
        chosen = self.session.selection
        chosen.open("" if chosen.cut else next(iter(chosen.cuts), ""))

    def cut_deeper(self) -> None:
        self.session.selection.move_cut(CUT_STEP)

    def cut_less_deep(self) -> None:
        self.session.selection.move_cut(-CUT_STEP)

    def toggle_theme(self) -> None:
        chosen = self.session.selection
        chosen.theme = "light" if chosen.theme == "dark" else "dark"

    def toggle_side(self) -> None:
        chosen = self.session.selection
        chosen.side = "right" if chosen.side == "left" else "left"

    def toggle_ecg_size(self) -> None:
        chosen = self.session.selection
        chosen.ecg_fills = not chosen.ecg_fills

    def turn_ecg_page(self) -> None:
        chosen = self.session.selection
        page = chosen.ecg_page or ("recording" if self.session.ecg is None else "beat")
        chosen.ecg_page = "beat" if page == "recording" else "recording"

    def show_rivals(self) -> None:
        """Hearts side by side that explain the ECG about equally well."""
        shown = self.session.baseline
        if shown is not None and self.session.electrics.fitted is not None:
            from organtwin.ui.views.rivals_dialog import RivalsDialog  # it loads VTK

            RivalsDialog(self.session, shown, self.window).show()

    def map_pacing(self) -> None:
        """Show the map of pacemaker settings beside the window."""
        from organtwin.ui.views.pacing_dialog import PacingDialog  # it loads VTK

        if self.session.pacing.ready:
            PacingDialog(self.session, self.window).show()

    def leave_electric_plan(self) -> None:
        """Take back all that was done to conduction; undo brings it back."""
        self.session.end_gesture()
        self.session.electrics.edit(ElectricPlan())

    def list_markings(self) -> None:
        """Show the list of landmarks and measurements beside the window."""
        if self._markings is None:
            self._markings = MarkingsList(self.session, self.window)
        self._markings.show()
        self._markings.raise_()

    def type_angles(self) -> None:
        """Ask for the angles of a C-arm beside the window; the heart turns as they are typed."""
        dialog = CArmDialog(self.session, self.window, self.angles_now())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.show()

    def about(self) -> None:
        box = QMessageBox(QMessageBox.Icon.NoIcon, "About OrganTwin", _ABOUT, parent=self.window)
        box.setStandardButtons(QMessageBox.StandardButton.Close)
        box.open()

    def save_screenshot(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self.window, "Save a picture of the window", "organtwin.png", "PNG picture (*.png)"
        )
        if path and not self.window.grab().save(path, "PNG"):
            error = InputError(
                path, "file", expected="a place that can be written", got="a failure to write",
                remedy="Choose another folder.",
            )  # fmt: skip
            self.session.notice = notice_of(error, "Saving the picture")

    def export_model(self) -> None:
        """Ask for a file and write the heart as it is shown, or its whole beat."""
        path, kind = QFileDialog.getSaveFileName(
            self.window, "Export the 3D model", "heart.stl", ";;".join(_MODELS)
        )
        if path:
            self.write_model(Path(path), whole_beat=_MODELS.get(kind, False))

    def write_model(self, path: Path, *, whole_beat: bool) -> None:
        """Write a 3D model without the layers that are taken away; failures show in the window."""
        session = self.session
        if session.shown is None:
            return
        from organtwin.scene.exporting import FRAMES, Export, export  # loads numba

        motion = session.shown.motion
        wanted = Export(session.playhead.phase, whole_beat, session.selection.hidden)

        def write(progress: Progress) -> None:
            for count, file in enumerate(export(motion, path, wanted), 1):
                progress.report(count / (FRAMES + 1), f"{file.name} written")

        session.jobs.start(
            session.jobs.lanes.background,
            f"Exporting {path.name}",
            write,
            on_result=lambda _: None,
            on_error=self._model_failed,
        )

    def _model_failed(self, error: BaseException) -> None:
        self.session.notice = notice_of(error, "Exporting the 3D model")

    def export_table(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self.window, "Export the numbers", "organtwin.csv", "Table (*.csv);;JSON (*.json)"
        )
        if path:
            self.write_table(Path(path))

    def write_table(self, path: Path) -> None:
        """Write measured, simulated and predicted numbers; a failure is shown in the window."""
        session = self.session
        before = session.baseline.numbers if session.baseline else {}
        after = session.planned.numbers if session.planned else None
        case = session.record.title if session.record else ""
        plan = [f"{t.kind.label}: {t.dose:g} {t.kind.unit}" for t in session.draft.applied]
        plan += [f"Conduction: {step}" for step in session.draft.electrics.told]
        table = rows(session.record, before, after, extrapolated=session.extrapolated)
        plan += [f"EXTRAPOLATION: {reason}" for reason in session.doubts]
        try:
            write_table(path, table, case, plan)
        except (InputError, OSError) as error:
            session.notice = notice_of(error, "Exporting the table")

    def _change_speed(self, steps: int) -> None:
        position = SPEEDS.index(self.session.playhead.speed) + steps
        self.session.playhead.speed = SPEEDS[min(max(position, 0), len(SPEEDS) - 1)]
