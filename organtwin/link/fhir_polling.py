"""Observations of a FHIR R4 server, asked for again and again.

Only GET is ever sent. Pages are followed on the very server that was asked, and so are redirects:
whoever could name another one in an answer would otherwise be sent the credentials. What an
Observation means is read by a function that the caller gives.
"""

import email.utils
import json
import math
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from organtwin.errors import OrganTwinError
from organtwin.link.data_link import Attempts, Clock, LinkPhase, LinkState, Standing
from organtwin.link.errand import Errand, Start, on_a_thread
from organtwin.link.same_origin import Opener, check_base, origin, same_origin_opener
from organtwin.patient.measurement import Measurement
from organtwin.patient.samples import Numbers, Samples

Read = Callable[[dict[str, Any]], tuple[Sequence[Numbers | Measurement], Sequence[str]]]
"""What an Observation holds, and sentences about what of it could not be used."""

PERIOD = 30.0
"""[s] Between two questions; charted values change every few minutes."""
OVERLAP = timedelta(seconds=5)
"""Asked for again each time, since servers list a resource a little after its time stamp; what was
seen before is known by id and version."""
TIMEOUT = 10.0
"""[s] For one page."""
MOST_PAGES = 50
LARGEST_PAGE = 20_000_000
"""Bytes; 1 000 Observations have about 2 MB."""
_COUNT = 200
_MALFORMED = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError)
"""What reading a document of another shape than its standard raises."""


def bearer(token: str) -> dict[str, str]:
    """Headers that show a bearer token; none without one."""
    return {"Authorization": f"Bearer {token.strip()}"} if token.strip() else {}


@dataclass(frozen=True, slots=True)
class _Trouble:
    phase: LinkPhase
    sentence: str
    wait: float = 0.0


@dataclass(frozen=True, slots=True)
class _Page:
    """Observations of one page; ``last`` that no further one is asked for, though there may be."""

    observations: tuple[dict[str, Any], ...]
    refusals: tuple[str, ...]
    last: bool
    complete: bool = True


class FhirPolling:
    """A ``DataLink`` to the Observations of one patient.

    Parameters
    ----------
    base
        Address of the server, such as ``https://host/fhir``.
    patient
        Logical id of the patient on that server.
    read_observation
        Turns one Observation into numbers and refusals.
    headers
        Sent with each question, e.g. ``Authorization``.
    since
        Ask for what changed after this moment; everything if left out.
    opener, start, clock, now
        Replaced by tests.

    Raises
    ------
    ParameterError
        ``base`` is no http address, or credentials would travel unencrypted beyond this computer.
    """

    def __init__(
        self, base: str, patient: str, read_observation: Read, *,
        headers: Mapping[str, str] | None = None, since: datetime | None = None,
        period: float = PERIOD, opener: Opener | None = None, start: Start = on_a_thread,
        clock: Clock = time.monotonic, now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._base, self._headers = base.rstrip("/"), dict(headers or {})
        check_base(self._base, self._headers)
        self._patient, self._read, self._since = patient, read_observation, since
        self._period, self._now = period, now
        self._open: Opener = opener or same_origin_opener(self._base)
        self._standing = Standing(clock, sentence=f"about to ask {self._base}")
        self._attempts, self._due = Attempts(clock), -float("inf")
        self._errand: Errand[_Page | _Trouble] = Errand(start)
        self._newest, self._ascending = since, True
        self._seen: dict[tuple[str, str], datetime] = {}
        self._names: dict[str, None] = {}
        self._sequence = 0

    @property
    def channels(self) -> tuple[str, ...]:
        return tuple(self._names)

    @property
    def state(self) -> LinkState:
        return self._standing.state

    @property
    def refused(self) -> Mapping[str, int]:
        return self._standing.refused

    def poll(self) -> tuple[Samples | Numbers, ...]:
        if self._standing.ended:
            return ()
        ready = self._standing.clock() >= self._due and self._attempts.due
        if ready and not self._errand.under_way:
            self._due = self._standing.clock() + self._period
            self._errand.begin(self._asking())
        found: list[Numbers] = []
        for result in self._errand.collect():
            if isinstance(result, _Trouble):
                self._attempts.failed(result.wait)
                self._due = -float("inf")
                again = f"; asking again in {self._attempts.wait:.0f} s"
                self._standing.be(result.phase, result.sentence + again)
                continue
            found += self._taken(result)
        return tuple(found)

    def close(self) -> None:
        self._standing.be(LinkPhase.ENDED, "closed")

    def _asking(self) -> Callable[[Callable[[_Page | _Trouble], None]], None]:
        """The errand: all pages of one question, each handed over as it comes."""
        query = {"patient": self._patient, "_sort": "_lastUpdated", "_count": str(_COUNT)}
        if self._since is not None:
            query["_lastUpdated"] = f"gt{(self._since - OVERLAP).isoformat()}"
        first = f"{self._base}/Observation?{urllib.parse.urlencode(query)}"

        def ask(hand_over: Callable[[_Page | _Trouble], None]) -> None:
            url: str | None = first
            for _ in range(MOST_PAGES):
                assert url is not None
                result, url = self._page(url)
                hand_over(result)
                if url is None:
                    return
            hand_over(_Page((), (f"more than {MOST_PAGES} pages in one answer",), True, False))

        return ask

    def _page(self, url: str) -> tuple[_Page | _Trouble, str | None]:
        """One page and the address of the next."""
        request = urllib.request.Request(
            url, headers={"Accept": "application/fhir+json", **self._headers}
        )
        try:
            answer = self._open(request, timeout=TIMEOUT)
            try:
                content = answer.read(LARGEST_PAGE + 1)
            finally:
                answer.close()
        except urllib.error.HTTPError as error:
            with error:
                return self._trouble(error), None
        except (OSError, ValueError) as error:  # timeouts and refused connections are OSError
            reason = getattr(error, "reason", error)
            return _Trouble(LinkPhase.LOST, f"{self._base} does not answer: {reason}"), None
        return self._parsed(content, url)

    def _parsed(self, content: bytes, url: str) -> tuple[_Page | _Trouble, str | None]:
        try:
            if len(content) > LARGEST_PAGE:
                raise ValueError(f"a page longer than {LARGEST_PAGE} bytes")
            bundle = json.loads(content)
            if bundle.get("resourceType") != "Bundle":
                raise ValueError(f"a {bundle.get('resourceType')}, no Bundle")
            resources = [entry["resource"] for entry in bundle.get("entry", [])]
            kinds = [resource.get("resourceType") for resource in resources]
            links = {link["relation"]: link["url"] for link in bundle.get("link", [])}
            following = urllib.parse.urljoin(url, links["next"]) if "next" in links else None
        except (*_MALFORMED, RecursionError) as error:
            return _Trouble(LinkPhase.LOST, f"{self._base} answered no FHIR: {error}"), None
        refusals = [f"{kind} among the answers" for kind in kinds if kind != "Observation"]
        foreign = following is not None and origin(following) != origin(self._base)
        if foreign:
            refusals.append("the next page lies on another server and was not asked for")
            following = None
        observations = tuple(
            resource
            for resource, kind in zip(resources, kinds, strict=True)
            if kind == "Observation"
        )
        return _Page(observations, tuple(refusals), following is None, not foreign), following

    def _trouble(self, error: urllib.error.HTTPError) -> _Trouble:
        code = error.code
        if code in (401, 403):
            return _Trouble(LinkPhase.LOST, f"{self._base} refuses our credentials ({code})")
        if code in (404, 410):
            return _Trouble(LinkPhase.LOST, f"{self._base} knows no such patient or place ({code})")
        if code in (429, 503):
            wait = _retry_after(error.headers.get("Retry-After", ""), self._now())
            return _Trouble(LinkPhase.STALLED, f"{self._base} asks us to wait ({code})", wait)
        return _Trouble(LinkPhase.LOST, f"{self._base} answers with error {code}")

    def _taken(self, page: _Page) -> list[Numbers]:
        """Numbers of the Observations that were not seen before."""
        for refusal in page.refusals:
            self._standing.refuse(refusal)
        found: list[Numbers] = []
        for observation in page.observations:
            try:
                if self._is_new(observation):
                    found += self._numbers(observation)
            except OrganTwinError as error:
                self._standing.refuse(f"{error}")
            except _MALFORMED as error:
                kind = type(error).__name__
                self._standing.refuse(f"an Observation that cannot be read: {kind}: {error}")
        if page.last:
            self._attempts.succeeded()
            self._standing.be(LinkPhase.LIVE, f"asking {self._base} every {self._period:g} s")
            self._go_on_from(page.complete)
        return found

    def _go_on_from(self, complete: bool) -> None:
        """Ask from the newest seen on, unless an answer cut short may lack older ones."""
        if self._newest is not None and (complete or self._ascending):
            self._since = self._newest
            oldest = self._since - 2 * OVERLAP
            self._seen = {key: at for key, at in self._seen.items() if at >= oldest}
        self._ascending = True

    def _is_new(self, observation: dict[str, Any]) -> bool:
        meta = observation.get("meta") or {}
        updated = _instant(meta.get("lastUpdated"))
        version = str(meta.get("versionId") or meta.get("lastUpdated"))
        key = (str(observation.get("id") or json.dumps(observation, sort_keys=True)), version)
        if key in self._seen:
            return False
        self._seen[key] = updated or self._now()
        if updated is None or (self._newest is not None and updated < self._newest):
            self._ascending = False
        if updated is not None and (self._newest is None or updated > self._newest):
            self._newest = updated
        return True

    def _numbers(self, observation: dict[str, Any]) -> list[Numbers]:
        results, refusals = self._read(observation)
        for refusal in refusals:
            self._standing.refuse(refusal)
        moment = _measured_at(observation)
        found: list[Numbers] = []
        for result in results:
            if isinstance(result, Measurement):
                if math.isnan(moment):
                    self._standing.refuse(f"{result.name}: an Observation without a time")
                    continue
                result = Numbers(
                    f"FHIR {self._base}", (result.name,), np.array([result.value]),
                    np.array([result.sd]), moment, 0.0, 0,
                )  # fmt: skip
            arrival = self._standing.clock()
            found.append(replace(result, arrival=arrival, sequence=self._sequence))
            self._sequence += 1
            self._names |= dict.fromkeys(result.names)
        return found


def _measured_at(observation: dict[str, Any]) -> float:
    """[s since 1970] When it was measured, not when it was filed; NaN if nothing says."""
    period = observation.get("effectivePeriod")
    texts = [observation.get("effectiveDateTime"), observation.get("effectiveInstant")]
    texts += [period.get("end"), period.get("start")] if isinstance(period, dict) else []
    moment = next(filter(None, map(_instant, texts)), None)
    return math.nan if moment is None else moment.timestamp()


def _instant(text: Any) -> datetime | None:
    """A FHIR instant or dateTime with a time of day; one without a zone counts as UTC."""
    if not isinstance(text, str) or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _retry_after(text: str, now: datetime) -> float:
    """[s] From ``Retry-After``, in seconds or as a date; 0 for neither, at most an hour."""
    if text.strip().isdecimal():
        wait = float(text)
    else:
        try:
            wait = (email.utils.parsedate_to_datetime(text) - now).total_seconds()
        except (ValueError, TypeError):
            wait = 0.0
    return min(max(wait, 0.0), 3600.0)
