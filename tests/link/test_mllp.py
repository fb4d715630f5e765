"""A listener on a real loopback socket: clients, frames, answers, patients, faults."""

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from organtwin.errors import ParameterError
from organtwin.link.arranging import Arranger, Gap
from organtwin.link.data_link import LinkPhase
from organtwin.link.mllp import MllpListener
from organtwin.link.mllp_frames import framed
from organtwin.link.replay import Replay
from organtwin.patient.readers import read_recording
from organtwin.patient.samples import Numbers, Samples
from tests.link.played import Hand, streaming_script, until
from tests.link.written_oru import ART, LEAD, LEAD_RATE, RATE, oru

Sender = streaming_script().Sender


@pytest.fixture
def listener(hand: Hand) -> Iterator[MllpListener]:
    with_clock = MllpListener(port=0, clock=hand)
    yield with_clock
    with_clock.close()


def connected(listener: MllpListener) -> "Sender":
    return Sender(*listener.address)


def taken(listener: MllpListener, messages: int) -> list[Samples | Numbers]:
    """What comes until so many messages have been answered in all."""
    found: list[Samples | Numbers] = []

    def enough() -> bool:
        found.extend(listener.poll())
        return listener.messages >= messages

    until(enough)
    return found


def answered(listener: MllpListener, content: bytes) -> tuple[list[Samples | Numbers], str, str]:
    """Items, code and reason for one message on a connection of its own."""
    with connected(listener) as sender:
        sender.send(content)
        found = taken(listener, listener.messages + 1)
        ((code, _, why),) = sender.answers()
        return found, code, why


def test_numbers_and_waveforms_arrive_and_are_acknowledged(
    listener: MllpListener, hand: Hand
) -> None:
    with connected(listener) as sender:
        sender.send(oru(RATE, ART, LEAD, LEAD_RATE, control="abc"))
        found = taken(listener, 1)
        assert list(sender.answers()) == [("AA", "abc", "")]
    wave, pressure, rate = found
    assert isinstance(wave, Samples)
    assert (wave.channels, wave.rate, wave.arrival) == (("II",), 250.0, hand.now)
    assert isinstance(pressure, Numbers)
    assert isinstance(rate, Numbers)
    assert rate.time - pressure.time == pytest.approx(0.5)
    assert (pressure.names, rate.names) == (("systolic_pressure",), ("heart_rate",))
    assert set(listener.channels) == {"II", "systolic_pressure", "heart_rate"}
    assert [item.sequence for item in found] == [0, 1, 2]


def test_a_lead_that_falls_off_is_no_gap_of_the_others(listener: MllpListener) -> None:
    second = LEAD.replace("131330^MDC_ECG_ELEC_POTL_II", "131329^MDC_ECG_ELEC_POTL_I").replace(
        "|1.2.1|", "|1.2.2|"
    )
    both = (LEAD, LEAD_RATE, second, LEAD_RATE.replace("1.2.1.1", "1.2.2.1"))
    arranger = Arranger()
    for number, lines in enumerate((both, (LEAD, LEAD_RATE), both)):
        later = [line.replace("58.000+", f"58.{16 * number:03d}+") for line in lines]
        for item in answered(listener, oru(*later, control=str(number)))[0]:
            assert isinstance(item, Samples)
            arranger.feed(item)
    gaps = [item.channels for item in arranger.flush() if isinstance(item, Gap)]
    assert gaps == [("I",)]


def test_frames_cut_into_single_bytes_are_put_together(listener: MllpListener) -> None:
    with connected(listener) as sender:
        found: list[Samples | Numbers] = []
        for byte in framed(oru(RATE)):
            sender.send_raw(bytes([byte]))
            found += listener.poll()
        found += taken(listener, 1)
    assert len(found) == 1


def test_several_senders_are_heard_at_once(listener: MllpListener) -> None:
    senders = [connected(listener) for _ in range(5)]
    for number, sender in enumerate(senders):
        sender.send(oru(RATE, control=f"m{number}"))
    taken(listener, 5)
    assert [next(iter(sender.answers()))[:2] for sender in senders] == [
        ("AA", f"m{number}") for number in range(5)
    ]
    for sender in senders:
        sender.close()


def test_garbage_is_counted_and_what_follows_is_read(listener: MllpListener) -> None:
    with connected(listener) as sender:
        sender.send_raw(b"GET / HTTP/1.1\r\n\r\n\x1c\r" + framed(oru(RATE)))
        assert len(taken(listener, 1)) == 1
    assert listener.garbage == 20
    assert list(listener.refused) == ["bytes from 127.0.0.1 that belong to no message"]


@pytest.mark.parametrize(
    ("content", "code", "told"),
    [
        (oru(RATE, kind="ADT^A01"), "AR", "MSH-9 (message type): expected ORU^R01"),
        (b"MSH|^~\\&|A|B|C|D|20240101||ORU^R01||P|2.6\r", "AR", "MSH-10"),
        (b"hello", "AR", "line 1: expected MSH"),
        (oru(RATE, "obx|2"), "AR", "a segment such as OBX"),
        (oru(RATE.replace("|72|", "|7200|")), "AE", "heart_rate: expected 15 to 300 1/min"),
    ],
)
def test_what_cannot_be_taken_is_answered_with_the_reason(
    listener: MllpListener, content: bytes, code: str, told: str
) -> None:
    found, answer, why = answered(listener, content)
    assert (found, answer) == ([], code)
    assert told in why
    assert any(told in sentence for sentence in listener.refused)


def test_an_unknown_code_is_reported_here_and_is_no_error_of_the_sender(
    listener: MllpListener,
) -> None:
    odd = "OBX|9|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.3|98|262688^MDC_DIM_PERCENT^MDC"
    found, code, _ = answered(listener, oru(RATE, odd))
    assert (len(found), code) == (1, "AA")
    assert dict(listener.refused) == {
        "150456 MDC_PULS_OXIM_SAT_O2 (NM) is nothing that this program uses": 1
    }


def test_a_message_beyond_the_limit_is_refused_by_its_number(hand: Hand) -> None:
    listener = MllpListener(port=0, clock=hand, largest=2_000)
    with connected(listener) as sender:
        sender.send(oru(RATE, LEAD.replace("0^0.5", 3_000 * "0^"), control="big"))
        sender.send(oru(RATE, control="small"))
        taken(listener, 2)
        answers = list(sender.answers())
    assert [answer[:2] for answer in answers] == [("AR", "big"), ("AA", "small")]
    assert "longer than 2000 bytes" in answers[0][2]
    listener.close()


def test_a_message_that_is_sent_again_is_acknowledged_and_not_delivered_twice(
    listener: MllpListener,
) -> None:
    results = [answered(listener, oru(RATE)) for _ in range(3)]
    assert [len(found) for found, _, _ in results] == [1, 0, 0]
    assert [code for _, code, _ in results] == ["AA", "AA", "AA"]
    assert listener.duplicates == 2
    again, code, _ = answered(listener, oru(RATE.replace("|72|", "|73|")))
    assert (len(again), code) == (1, "AA")


def test_only_one_patient_is_listened_to_and_nobody_is_named(listener: MllpListener) -> None:
    found = [
        answered(listener, oru(RATE, control=control, patient=patient))
        for control, patient in (("1", "MRN-1"), ("2", "MRN-2"), ("3", ""), ("4", "MRN-1"))
    ]
    assert [code for _, code, _ in found] == ["AA", "AR", "AA", "AA"]
    kept = f"{listener.refused} {listener.state} {found}"
    assert "MRN" not in kept
    assert "DOE" not in kept


def test_whatever_is_sent_is_answered_and_the_listener_lives(listener: MllpListener) -> None:
    """300 messages with up to six changed bytes, and noise between them."""
    random, good = np.random.default_rng(21), oru(RATE, ART, LEAD, LEAD_RATE)
    with connected(listener) as sender:
        for number in range(300):
            content = bytearray(good)
            for place in random.integers(0, len(content), int(random.integers(1, 7))):
                content[place] = int(random.integers(0, 256))
            noise = bytes(random.integers(32, 127, 9).tolist())
            sender.send_raw(noise + framed(bytes(content).replace(b"\x0b", b"?")))
            taken(listener, number + 1)
            assert {code for code, *_ in sender.answers()} <= {"AA", "AE", "AR"}
        sender.send(oru(RATE, control="last"))
        assert len(taken(listener, 301)) == 1


def test_the_patient_may_be_named_beforehand(hand: Hand) -> None:
    listener = MllpListener(port=0, clock=hand, patient="MRN-2")
    codes = [answered(listener, oru(RATE, patient=patient))[1] for patient in ("MRN-1", "MRN-2")]
    assert codes == ["AR", "AA"]
    listener.close()


def test_states_tell_of_silence_hanging_up_and_coming_back(
    listener: MllpListener, hand: Hand
) -> None:
    phases = [listener.state.phase]
    sender = connected(listener)
    until(lambda: listener.poll() or "no message yet" in listener.state.sentence)
    phases.append(listener.state.phase)
    sender.send(oru(RATE))
    taken(listener, 1)
    phases.append(listener.state.phase)
    hand.turn(16.0)
    listener.poll()
    phases.append(listener.state.phase)
    sender.close()
    until(lambda: listener.poll() or listener.state.phase is LinkPhase.LOST)
    phases.append(listener.state.phase)
    answered(listener, oru(RATE, control="2"))
    phases.append(listener.state.phase)
    listener.close()
    listener.close()
    phases.append(listener.state.phase)
    assert phases == [
        LinkPhase.CONNECTING, LinkPhase.CONNECTING, LinkPhase.LIVE, LinkPhase.STALLED,
        LinkPhase.LOST, LinkPhase.LIVE, LinkPhase.ENDED,
    ]  # fmt: skip
    assert listener.poll() == ()


def test_what_was_sent_before_hanging_up_is_still_read(listener: MllpListener) -> None:
    with connected(listener) as sender:
        for number in range(30):
            sender.send(oru(RATE, control=str(number)))
    assert len(taken(listener, 30)) == 30


def test_a_port_in_use_is_tried_again_with_pauses(hand: Hand) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        listener = MllpListener(port=port, clock=hand)
        assert listener.state.phase is LinkPhase.LOST
        assert "trying again in 0.5 s" in listener.state.sentence
        assert listener.poll() == ()
        hand.turn(0.6)
        listener.poll()
        assert "trying again in 1.0 s" in listener.state.sentence
    hand.turn(1.1)
    listener.poll()
    assert listener.state.phase is LinkPhase.CONNECTING
    assert len(answered(listener, oru(RATE))[0]) == 1
    listener.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7"])
def test_beyond_loopback_somebody_must_be_named(host: str) -> None:
    with pytest.raises(ParameterError, match="who may connect"):
        MllpListener(host, 0)


def test_names_are_no_addresses() -> None:
    with pytest.raises(ParameterError, match="numeric"):
        MllpListener(port=0, peers=["the monitor"])


def test_who_is_not_on_the_list_is_hung_up_on(hand: Hand) -> None:
    listener = MllpListener("0.0.0.0", 0, peers=["192.0.2.0/24"], clock=hand)
    with socket.create_connection(("127.0.0.1", listener.address[1])) as stranger:
        until(lambda: listener.poll() or listener.refused)
        assert stranger.recv(10) == b""
    assert listener.refused == {"connection refused: 127.0.0.1 is not on the list of peers": 1}
    listener.close()


def test_a_real_recording_streamed_as_messages_arrives_complete(
    shared_data: Path, hand: Hand
) -> None:
    """Pressures and ECG of 16 s, one message a second, over a socket and through the arranger."""
    script = streaming_script()
    source = read_recording(shared_data / "haemodynamics" / "mimicdb-041s" / "041s.hea")
    replay, listener = Replay(source, speed=16.0, clock=hand), MllpListener(port=0, clock=hand)
    arranger, answers, parts = Arranger(), [], []
    with connected(listener) as sender:
        for second in range(16):
            hand.turn(1.0 / 16.0 + 1e-9)
            chunks = [chunk for chunk in replay.poll() if isinstance(chunk, Samples)]
            sender.send(script.waveform_message(script.joined(chunks), str(second), 1.7e9))
            for item in taken(listener, second + 1):
                assert isinstance(item, Samples)
                arranger.feed(item)
            answers += [code for code, _, _ in sender.answers()]
            parts += arranger.take(hand.now)
    parts += arranger.flush()
    assert answers == ["AA"] * 16
    assert arranger.counts.gaps == 0
    for name, wave in source.waveforms.items():
        values = np.concatenate([
            part.values[part.channels.index(name)] for part in parts
            if isinstance(part, Samples) and name in part.channels
        ])  # fmt: skip
        # Printed with six digits.
        size = np.nanmax(np.abs(wave.values))
        assert values == pytest.approx(wave.values, abs=1e-5 * size, nan_ok=True)
    listener.close()
