"""Files of numbers as tests need them: FHIR resources, HL7 messages, DICOM structured reports."""

import json
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

LOINC, SNOMED = "http://loinc.org", "http://snomed.info/sct"
UCUM = "http://unitsofmeasure.org"
PATIENT = {
    "resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1950-06-01",
    "name": [{"family": "Quillfeather", "given": ["Ottoline"]}],
    "identifier": [{"system": "urn:hospital", "value": "MRN-778812"}],
    "address": [{"city": "Nettlebridge", "line": ["14 Thornway"]}],
    "telecom": [{"value": "555-0199-22"}],
}  # fmt: skip
COMPREHENSIVE = "1.2.840.10008.5.1.4.1.1.88.33"


def coding(code: str, system: str = LOINC, display: str = "") -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": display}]}


def quantity(value: float, code: str) -> dict[str, Any]:
    return {"value": value, "unit": code, "system": UCUM, "code": code}


def observation(
    code: str, value: float, unit: str, day: str = "2024-03-01", **more: Any
) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "status": "final", "code": coding(code),
        "subject": {"reference": "Patient/p1"}, "effectiveDateTime": day,
        "valueQuantity": quantity(value, unit), **more,
    }  # fmt: skip


def write_bundle(path: Path, *resources: dict[str, Any], patient: bool = True) -> Path:
    entries = [{"resource": resource} for resource in ((PATIENT,) if patient else ()) + resources]
    path.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries}))
    return path


def write_message(path: Path, *results: str, patient: str = "") -> Path:
    """An ORU with the ``OBX`` lines given without their name and number."""
    pid = patient or "PID|1||MRN-778812^^^H||Quillfeather^Ottoline||19500601|F|||14 Thornway^^N"
    lines = ["MSH|^~\\&|MON|ICU|||20240301120000||ORU^R01|77|P|2.6", pid,
             "OBR|1|||monitor|||20240301115900"]  # fmt: skip
    lines += [f"OBX|{number}|{result}" for number, result in enumerate(results, start=1)]
    path.write_bytes("\r".join(lines).encode())
    return path


def code_item(scheme: str, value: str, meaning: str = "x") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def modifier(concept: tuple[str, str], value: tuple[str, str]) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "HAS CONCEPT MOD", "CODE"
    item.ConceptNameCodeSequence = [code_item(*concept)]
    item.ConceptCodeSequence = [code_item(*value)]
    return item


def number_item(
    concept: tuple[str, str], value: str, unit: str, *children: Dataset, meaning: str = "x"
) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "NUM"
    item.ConceptNameCodeSequence = [code_item(*concept, meaning)]
    measured = Dataset()
    measured.NumericValue = value
    measured.MeasurementUnitsCodeSequence = [code_item("UCUM", unit)]
    item.MeasuredValueSequence = [measured]
    if children:
        item.ContentSequence = list(children)
    return item


def container(title: tuple[str, str], *children: Dataset) -> Dataset:
    item = Dataset()
    item.RelationshipType, item.ValueType = "CONTAINS", "CONTAINER"
    item.ConceptNameCodeSequence = [code_item(*title)]
    item.ContentSequence = list(children)
    return item


def section(site: tuple[str, str], *children: Dataset) -> Dataset:
    """An echo section (TID 5202) of one finding site with one measurement group."""
    where = modifier(("SRT", "G-C0E3"), site)
    return container(("DCM", "121070"), where, container(("DCM", "125007"), *children))


def write_report(path: Path, *children: Dataset, **more: Any) -> Path:
    report = container(("DCM", "125200"), *children)
    del report.RelationshipType
    report.SOPClassUID, report.SOPInstanceUID = COMPREHENSIVE, generate_uid()
    report.Modality, report.CompletionFlag, report.StudyDate = "SR", "COMPLETE", "20240301"
    report.PatientName, report.PatientID = "Quillfeather^Ottoline", "MRN-778812"
    report.PatientBirthDate, report.PatientSex = "19500601", "F"
    report.add_new(0x00091010, "LO", "Quillfeather private")
    report.ReferringPhysicianName = "Wigglesworth^Una"
    for name, value in more.items():
        setattr(report, name, value)
    report.file_meta = FileMetaDataset()
    report.file_meta.MediaStorageSOPClassUID = report.SOPClassUID
    report.file_meta.MediaStorageSOPInstanceUID = report.SOPInstanceUID
    report.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    report.save_as(path, enforce_file_format=True)
    return path
