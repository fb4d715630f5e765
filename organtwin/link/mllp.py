"""HL7 v2 results over MLLP: a listener that monitors and interfaces connect to.

It binds to loopback unless told otherwise, and beyond loopback only with a list of who may
connect. Sockets never block: everything happens inside ``poll``. What is sent back is the
acknowledgement of each message, and nothing else.

One listener is for one patient. The first message that names a patient fixes who that is, if the
caller did not; messages for anybody else are refused, and none of these identifiers is kept in a
state, a refusal or a sample.
"""

import hashlib
import selectors
import socket
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np

from organtwin.errors import RecordError
from organtwin.link.acknowledgement import acknowledgement, header_in
from organtwin.link.data_link import Attempts, Clock, LinkPhase, LinkState, Standing
from organtwin.link.mllp_frames import LARGEST, Frame, Frames, framed
from organtwin.link.oru import Results, results_of
from organtwin.link.peers import LOOPBACK, inside, networks
from organtwin.patient.readers.hl7_message import Message, message_of
from organtwin.patient.samples import Numbers, Samples

PORT = 2575
"""Registered for HL7 (IANA)."""
MOST_CLIENTS = 16
_READ = 262_144
"""Bytes taken from one client in one poll; the rest of a larger message comes with the next."""
_BUDGET = 0.005
"""[s] After which a poll leaves further messages to the next one. One second of twelve leads at
500 Hz takes 2 ms, a single message of 1.25 MB 40 ms (measured)."""
_MOST_WAITING = 8
"""Messages of one client that wait here; further ones stay in the network."""
_MOST_SEEN = 1_000
"""Digests of messages by which one that is sent again is known, and how each was answered."""
_MOST_UNSENT = 65_536
"""Bytes of answers that wait for a client who does not read them; then it is hung up on."""


class _Client:
    def __init__(self, link: socket.socket, peer: str, largest: int) -> None:
        self.link, self.peer = link, peer
        self.frames = Frames(largest)
        self.waiting: list[Frame] = []
        self.answers = bytearray()
        self.gone = False


class MllpListener:
    """A ``DataLink`` that listens for HL7 v2 results.

    Parameters
    ----------
    host, port
        Address to listen on; port 0 takes a free one, ``address`` tells which.
    peers
        Addresses or networks (``10.1.2.0/24``) that may connect; required beyond loopback.
    patient
        An identifier that ``PID-3`` of each message must hold, if it holds any.
    stalls_after
        [s] Without a message, from when on the link counts as stalled.

    Raises
    ------
    ParameterError
        The address is beyond loopback and nobody is named that may connect.
    """

    def __init__(
        self, host: str = LOOPBACK, port: int = PORT, *, peers: Sequence[str] = (),
        patient: str | None = None, stalls_after: float = 15.0, largest: int = LARGEST,
        clock: Clock = time.monotonic,
    ) -> None:  # fmt: skip
        self._host, self._port, self._peers = host, port, networks(host, peers)
        self._patient, self._stalls_after, self._largest = patient, stalls_after, largest
        self._standing = Standing(clock, sentence=f"about to listen on {host}:{port}")
        self._attempts = Attempts(clock)
        self._server: socket.socket | None = None
        self._selector = selectors.DefaultSelector()
        self._clients: list[_Client] = []
        self._seen: OrderedDict[bytes, str] = OrderedDict()
        self._names: dict[str, None] = {}
        self._sequence, self._last, self._peer = 0, float("nan"), ""
        self.messages, self.duplicates, self.garbage = 0, 0, 0
        self._listen()

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self._names)

    @property
    def state(self) -> LinkState:
        return self._standing.state

    @property
    def refused(self) -> Mapping[str, int]:
        return self._standing.refused

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it listens on."""
        if self._server is None:
            return self._host, self._port
        host, port = self._server.getsockname()[:2]
        return str(host), int(port)

    def poll(self) -> tuple[Samples | Numbers, ...]:
        if self._standing.ended:
            return ()
        if self._server is None and not self._listen():
            return ()
        for key, _ in self._selector.select(timeout=0.0):
            if key.data is None:
                self._accept()
            else:
                self._read(key.data)
        found: list[Samples | Numbers] = []
        until = time.perf_counter() + _BUDGET
        for client in self._clients:
            while client.waiting and time.perf_counter() < until:
                found += self._answer(client, client.waiting.pop(0))
            self._send(client)
        self._clients = self._clients[1:] + self._clients[:1]  # who comes first takes turns
        self._drop_gone()
        self._judge()
        return tuple(found)

    def close(self) -> None:
        for client in self._clients:
            client.gone = True
        self._drop_gone(finally_=True)
        if self._server is not None:
            self._selector.unregister(self._server)
            self._server.close()
            self._server = None
        if not self._standing.ended:
            self._selector.close()
            self._standing.be(LinkPhase.ENDED, "closed")

    def _listen(self) -> bool:
        if not self._attempts.due:
            return False
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        server = socket.socket(family, socket.SOCK_STREAM)
        try:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind((self._host, self._port))
            server.listen(MOST_CLIENTS)
        except OSError as error:
            server.close()
            self._attempts.failed()
            self._standing.be(
                LinkPhase.LOST,
                f"cannot listen on {self._host}:{self._port}: {error.strerror or error}; "
                f"trying again in {self._attempts.wait:.1f} s",
            )
            return False
        server.setblocking(False)
        self._server = server
        self._attempts.succeeded()
        self._selector.register(server, selectors.EVENT_READ, None)
        host, port = self.address
        self._standing.be(LinkPhase.CONNECTING, f"listening on {host}:{port}; nobody has connected")
        return True

    def _accept(self) -> None:
        assert self._server is not None
        try:
            link, address = self._server.accept()
        except OSError:
            return  # hung up before being taken
        peer = str(address[0])
        welcome = inside(peer, self._peers)
        if not welcome or len(self._clients) >= MOST_CLIENTS:
            link.close()
            why = "too many connections" if welcome else f"{peer} is not on the list of peers"
            self._standing.refuse(f"connection refused: {why}")
            return
        link.setblocking(False)
        link.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # or dead ones fill the places
        client = _Client(link, peer, self._largest)
        self._clients.append(client)
        self._selector.register(link, selectors.EVENT_READ, client)

    def _read(self, client: _Client) -> None:
        if len(client.waiting) >= _MOST_WAITING:
            return  # let the network hold the rest back
        try:
            data = client.link.recv(_READ)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            client.gone = True
            return
        before = client.frames.garbage
        client.waiting += client.frames.feed(data)
        skipped = client.frames.garbage - before
        if skipped:
            self.garbage += skipped
            self._standing.refuse(f"bytes from {client.peer} that belong to no message")

    def _answer(self, client: _Client, frame: Frame) -> list[Samples | Numbers]:
        """Take one frame and queue its acknowledgement."""
        self._last, self._peer = self._standing.clock(), client.peer
        self.messages += 1
        if frame.fault:
            self._refuse(client, frame, f"message {frame.fault}")
            return []
        digest = hashlib.blake2b(frame.content, digest_size=16).digest()
        header = header_in(frame.content)
        if digest in self._seen:
            self.duplicates += 1
            client.answers += framed(acknowledgement(header, self._seen[digest]))
            return []
        try:
            message = message_of(frame.content, client.peer)
            _refuse_unnumbered(message)
            self._refuse_other_patient(message)
            results = results_of(message)
        except RecordError as error:
            self._refuse(client, frame, f"{error.field}: expected {error.expected}")
            return []
        code = self._seen[digest] = "AE" if results.faults else "AA"
        while len(self._seen) > _MOST_SEEN:
            self._seen.popitem(last=False)
        for sentence in (*results.unknown, *results.faults):
            self._standing.refuse(sentence)
        client.answers += framed(acknowledgement(header, code, tuple(results.faults)))
        return self._delivered(message, results)

    def _refuse(self, client: _Client, frame: Frame, why: str) -> None:
        self._standing.refuse(why)
        client.answers += framed(acknowledgement(header_in(frame.content), "AR", (why,)))

    def _refuse_other_patient(self, message: Message) -> None:
        person = message.first("PID")
        named = [parts[0] for parts in person.repetitions(3) if parts[0]] if person else []
        if self._patient is None and named:
            self._patient = named[0]
        if named and self._patient not in named:
            raise RecordError(
                message.source, "PID-3 (patient)", expected="the patient of this twin",
                got="somebody else", remedy="Use a listener of its own for each patient.",
            )  # fmt: skip

    def _delivered(self, message: Message, results: Results) -> list[Samples | Numbers]:
        source = f"HL7 {message.header.text(3) or message.source}"
        arrival = self._standing.clock()
        found: list[Samples | Numbers] = []
        # Each channel by itself: a lead that falls off must not look like a gap of the others.
        for wave in sorted(results.waves, key=lambda wave: wave.start):
            channels, values = (wave.channel,), wave.values[None, :]
            found.append(
                Samples(source, channels, values, wave.start, wave.rate, arrival, self._next())
            )
            self._names |= dict.fromkeys(channels)
        for moment in sorted({number.time for number in results.numbers}):
            numbers = [number for number in results.numbers if number.time == moment]
            names = tuple(number.name for number in numbers)
            found.append(
                Numbers(
                    source, names, np.array([number.value for number in numbers]),
                    np.array([number.sd for number in numbers]), moment, arrival, self._next(),
                )
            )  # fmt: skip
            self._names |= dict.fromkeys(names)
        return found

    def _next(self) -> int:
        self._sequence += 1
        return self._sequence - 1

    def _send(self, client: _Client) -> None:
        if not client.answers or client.gone:
            return
        try:
            sent = client.link.send(client.answers)
        except BlockingIOError:
            sent = 0
        except OSError:
            client.gone = True
            return
        del client.answers[:sent]
        if len(client.answers) > _MOST_UNSENT:
            client.gone = True
            self._standing.refuse(f"{client.peer} does not read its acknowledgements")

    def _drop_gone(self, *, finally_: bool = False) -> None:
        leaving = [c for c in self._clients if c.gone and (finally_ or not c.waiting)]
        for client in leaving:
            self._selector.unregister(client.link)
            client.link.close()
            self._clients.remove(client)

    def _judge(self) -> None:
        host, port = self.address
        if not self._clients:
            if self.messages:
                self._standing.be(
                    LinkPhase.LOST, f"the sender hung up; listening for it on {host}:{port}"
                )
            return
        quiet = self._standing.clock() - self._last
        if not self.messages:
            sentence = f"{len(self._clients)} connected to {host}:{port}; no message yet"
            self._standing.be(LinkPhase.CONNECTING, sentence)
        elif quiet > self._stalls_after:
            self._standing.be(LinkPhase.STALLED, f"connected, but silent for {quiet:.0f} s")
        else:
            sentence = f"{self.messages} messages, the last from {self._peer}"
            self._standing.be(LinkPhase.LIVE, sentence)


def _refuse_unnumbered(message: Message) -> None:
    if not message.control_id:
        raise RecordError(
            message.source, "MSH-10 (control id)", expected="an identifier", got="nothing",
            remedy="Let the sending system number its messages.",
        )  # fmt: skip
