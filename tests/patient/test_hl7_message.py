"""The grammar of HL7 version 2: delimiters, escapes, numbering, times, batches."""

from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pytest

from organtwin.errors import RecordError
from organtwin.patient.readers.hl7_message import is_hl7, message_of, messages_of, moment_of

MSH = "MSH|^~\\&|MONITOR|ICU|||20240131120500+0100||ORU^R01^ORU_R01|41|P|2.6"
ORU = f"{MSH}\rPID|1||7^^^HOSP~8^^^CITY||DOE^JANE\rOBX|1|NM|8867-4^rate^LN||72|/min\r"


def test_fields_are_numbered_as_in_the_standard() -> None:
    message = message_of(ORU.encode(), "bed 4")
    assert (message.header.text(1), message.header.raw(2)) == ("|", "^~\\&")
    assert (message.kind, message.control_id) == ("ORU^R01", "41")
    person = message.first("PID")
    assert person is not None
    assert person.text(3, 4, repetition=2) == "CITY"
    assert person.repetitions(3) == (("7", "", "", "HOSP"), ("8", "", "", "CITY"))
    assert (person.text(30), person.components(2), person.text(3, 9)) == ("", (), "")
    assert [segment.text(5) for segment in message.every("OBX")] == ["72"]


def test_a_message_may_choose_its_own_signs() -> None:
    message = message_of(b"MSH$*!?%$A$B\rOBX$1$NM$8867-4*rate*LN$$1!2$a?S?b%c\r", "x")
    found = message.first("OBX")
    assert found is not None
    assert found.components(3) == ("8867-4", "rate", "LN")
    assert found.repetitions(5) == (("1",), ("2",))
    assert (found.text(6), found.text(6, subcomponent=2)) == ("a*b", "c")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
        (r"one\.br\two", "one\ntwo"),
        (r"\H\bold\N\ no", "bold no"),
        (r"caf\XC3A9\ \X41\x", "caf\u00e9 Ax"),
        (r"\Z99\ \X4\x", r"\Z99\ \X4\x"),
        (r"lone \ sign", r"lone \ sign"),
    ],
)
def test_escapes_are_replaced_and_unknown_ones_kept(written: str, meant: str) -> None:
    message = message_of(f"{MSH}\rNTE|1||{written}\r".encode(), "x")
    note = message.first("NTE")
    assert note is not None
    assert note.text(3) == meant


def test_a_file_may_hold_many_messages_in_an_envelope_and_frames() -> None:
    content = f"FHS|^~\\&|A\r\nBHS|^~\\&|A\r\n\x0b{ORU}\x1c\r\n{ORU}BTS|2\r\nFTS|1".encode()
    assert is_hl7(content)
    assert [len(message.segments) for message in messages_of(content, "x")] == [3, 3]
    with pytest.raises(RecordError, match="one message, got 2 messages"):
        message_of(content, "x")


def test_text_is_read_in_the_character_set_that_it_names() -> None:
    def name_in(charset: str, content: str) -> str:
        text = f"{MSH}||||||{charset}\rPID|1||7||M\u00fcller\r"
        person = message_of(text.encode(content), "x").first("PID")
        assert person is not None
        return person.text(5)

    assert name_in("UNICODE UTF-8", "utf-8") == "M\u00fcller"
    assert name_in("8859/1", "latin-1") == "M\u00fcller"
    assert name_in("", "utf-8") == "M\u00fcller"
    for charset, content in (("", "latin-1"), ("ASCII", "utf-8"), ("KLINGON", "utf-8")):
        with pytest.raises(RecordError, match="MSH-18"):
            name_in(charset, content)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no MSH"),
        (b"hello", "line 1: expected MSH"),
        (b"MSH", "line 1: expected MSH"),
        (b"MSH|^^\\&|A", "other signs, got MSH"),
        (b"MSH|^~\\&|A\rpid|1", "line 2: expected a segment such as OBX, got pid"),
        (b"MSH|^~\\&|A\r\r\nOBX-1", "line 3"),
    ],
)
def test_what_is_no_message_is_refused_by_its_line(content: bytes, told: str) -> None:
    with pytest.raises(RecordError, match=told):
        messages_of(content, "x")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2024", datetime(2024, 1, 1)),
        ("20240229", datetime(2024, 2, 29)),
        ("20240131120500.2500-0530",
         datetime(2024, 1, 31, 12, 5, 0, 250_000, timezone(-timedelta(hours=5, minutes=30)))),
        ("202401311205+0000", datetime(2024, 1, 31, 12, 5, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_times_keep_their_fraction_and_zone(text: str, meant: datetime) -> None:
    found = moment_of(text, "x", "OBX-14")
    assert (found, found.tzinfo is None) == (meant, meant.tzinfo is None)


@pytest.mark.parametrize("text", ["", "202", "20230229", "2024013125", "20240131.5", "2024+1500"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(RecordError, match="OBX-14: expected a time"):
        moment_of(text, "x", "OBX-14")


def test_damage_is_explained() -> None:
    random = np.random.default_rng(11)
    refused = []
    for _ in range(500):
        content = bytearray(ORU.encode())
        for place in random.integers(0, len(content), int(random.integers(1, 6))):
            content[place] = int(random.integers(0, 256))
        try:
            messages_of(bytes(content[: int(random.integers(1, 300))]), "x")
        except RecordError as error:
            refused.append(error.remedy)
    assert len(refused) > 50
    assert all(refused)
