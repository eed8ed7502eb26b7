"""Several events in one request, against a real server: what each answer means, and what never goes together."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lineage_kit.delivery.journaled import JournaledDelivery, JournalOptions, Wire
from lineage_kit.delivery.retry import RetryPolicy
from lineage_kit.delivery.sending.sender import FEW
from lineage_kit.errors import BatchRefused, BrokenDestination, Rejected, TransportError, Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.event.ids import new_id
from lineage_kit.transport.http import HttpConfig, HttpTransport
from lineage_kit.transport.http.batch import MOST
from tests.support.oracle import quarantined
from tests.support.servers import HttpServer

PATIENCE = 30.0
MANY = 3 * FEW


class Turning:
    """A token provider that has another token when it is asked to refresh."""

    def __init__(self) -> None:
        self.tokens = ["Bearer old", "Bearer new"]

    def refresh(self) -> None:
        """The next one."""
        self.tokens.pop(0)

    def get_bearer(self) -> str:
        """The present one."""
        return self.tokens[0]


def event(run: str, state: str = "START", parent: str | None = None, job: str = "load") -> Envelope:
    """An event of a run, which may be a part of another."""
    body = {"eventType": state, "run": {"runId": run}, "job": {"namespace": "etl", "name": job}}
    return Envelope(json.dumps(body).encode(), f"run:etl/{job}", run, state, parent)


def events(count: int) -> list[Envelope]:
    """The STARTs of so many runs."""
    return [event(new_id(), job=f"load{number}") for number in range(count)]


def names(request) -> list[str]:
    """The jobs of the events in a request."""
    return [json.loads(body)["job"]["name"] for body in request.events]


@pytest.fixture
def batches(server: HttpServer) -> HttpServer:
    """A backend that takes several events at once."""
    server.take_batches()
    return server


@pytest.fixture
def deliver(server: HttpServer, tmp_path: Path) -> Iterator[Callable[..., JournaledDelivery]]:
    """Has events delivered, all of which wait before the second is sent; gives back the delivery, flushed.

    then: called when all wait.
    """
    opened: list[JournaledDelivery] = []

    def run(
        given: list[Envelope], then: Callable[[], object] = int, *, flushes: bool = True, **options
    ) -> JournaledDelivery:
        transport = HttpTransport(HttpConfig(url=server.url, **options))
        wire = Wire("http", transport, RetryPolicy(factor=0.01, longest=0.05))
        delivery = JournaledDelivery([wire], JournalOptions(root=str(tmp_path / "journal")))
        opened.append(delivery)
        server.answer(201, fault="hold")
        assert delivery.submit(event(new_id(), job="first"))
        server.wait_for(1)
        assert all(delivery.submit(one) for one in given)
        then()
        server.release()
        assert not flushes or delivery.flush(PATIENCE), delivery.status()
        return delivery

    yield run
    for delivery in opened:
        delivery.close(PATIENCE)


def outcomes(transport: HttpTransport, given: list[Envelope]) -> list[type[BaseException] | None]:
    """What became of each; the transport is closed."""
    try:
        return [None if one is None else type(one) for one in transport.send_many(given)]
    finally:
        transport.close()


def to(server: HttpServer, **options) -> HttpTransport:
    """A transport to a server."""
    return HttpTransport(HttpConfig(url=server.url, **options))


def test_204_means_that_all_were_taken(batches: HttpServer) -> None:
    """The events stand in one JSON array, each with its very bytes, below the address of single ones."""
    given = events(3)
    assert outcomes(to(batches), given) == [None, None, None]
    [request] = batches.requests()
    assert request.path == "/api/v1/lineage/batch"
    assert request.events == [one.body for one in given]
    assert request.answered == 204


def test_each_failure_of_a_summary_is_that_of_its_event(batches: HttpServer) -> None:
    """What may be tried again is, what may not is refused for good, all others are delivered."""
    batches.when(503, contains="load1")
    batches.when(422, contains="load2")
    assert outcomes(to(batches), events(4)) == [None, Unreachable, Rejected, None]


def test_only_what_failed_for_now_is_sent_again(batches: HttpServer, deliver, tmp_path: Path) -> None:
    """An event refused in a batch is set aside with the reason; one that failed for now comes once more."""
    failures = [
        {"index": 1, "reason": "busy", "retriable": True},
        {"index": 2, "reason": "no such thing", "retriable": False},
    ]
    summary = {"received": MANY, "successful": MANY - 2, "failed": 2}
    answer = {"status": "partial_success", "summary": summary, "failed_events": failures}
    delivery = deliver(events(MANY), lambda: batches.answer(200, body=json.dumps(answer)))
    sent = Counter(name for request in batches.requests() for name in names(request))
    assert sum(sent.values()) == MANY + 2  # with the first, and one that came again
    assert delivery.status()[0].quarantined == 1
    [aside] = quarantined(tmp_path / "journal", next(iter(delivery._here.get().outlets)).id)
    assert sent[json.loads(aside.body)["job"]["name"]] == 1


@pytest.mark.parametrize("failed", [1, 3])
def test_a_summary_that_does_not_add_up_is_no_answer(batches: HttpServer, failed: int) -> None:
    """When it does not say which events failed, each is to be tried by itself."""
    failures = [{"index": index, "reason": "", "retriable": True} for index in (0, 1)]
    summary = {"received": 4, "successful": 4 - failed, "failed": failed}
    batches.always(200, body=json.dumps({"status": "x", "summary": summary, "failed_events": failures}))
    with pytest.raises(BatchRefused):
        outcomes(to(batches), events(4))


@pytest.mark.parametrize("indices", [(0, 0), (0, 99), (-1, 0)])
def test_failures_of_events_that_are_not_there_are_no_answer(batches: HttpServer, indices) -> None:
    """An index that is named twice, or of no event in the batch, leaves one failure without its event."""
    failures = [{"index": index, "reason": "", "retriable": True} for index in indices]
    summary = {"received": 3, "successful": 1, "failed": 2}
    batches.always(200, body=json.dumps({"status": "x", "summary": summary, "failed_events": failures}))
    with pytest.raises(BatchRefused):
        outcomes(to(batches), events(3))


def test_a_summary_of_fewer_events_than_were_sent_is_no_answer(batches: HttpServer) -> None:
    """Who received two of three has lost one, even if he says that none failed."""
    summary = {"received": 2, "successful": 2, "failed": 0}
    batches.always(200, body=json.dumps({"status": "success", "summary": summary}))
    with pytest.raises(BatchRefused):
        outcomes(to(batches), events(3))


@pytest.mark.parametrize("status", [404, 405, 410, 501])
def test_where_there_are_no_batches_single_events_go_and_that_is_remembered(
    batches: HttpServer, deliver, status: int
) -> None:
    """One request finds out; from then on every event goes by itself."""
    given = events(MANY)
    deliver(given, lambda: batches.when(status, path="/batch"))
    assert sum(request.is_batch for request in batches.requests()) == 1
    taken = [body for request in batches.requests() for body in request.taken]
    assert set(taken) >= {one.body for one in given}


def test_the_address_of_batches_is_asked_for_once(server: HttpServer, deliver) -> None:
    """Where it is not there the events go one by one, each once."""
    given = events(MANY)
    deliver(given)
    deliver_again = [request for request in server.requests() if not request.is_batch]
    assert Counter(body for one in deliver_again for body in one.taken).most_common(1)[0][1] == 1
    assert len(deliver_again) == MANY + 1


def test_auto_takes_no_2xx_of_a_stranger_for_a_yes(batches: HttpServer) -> None:
    """Whoever answers 200 to everything has not said that he takes batches: single events are sent."""
    batches.always(202, body="accepted, I suppose")
    transport = to(batches, batch="auto")
    with pytest.raises(BatchRefused):
        transport.send_many(events(3))
    assert transport.most == 1
    transport.close()


def test_true_takes_any_2xx_for_a_yes(batches: HttpServer) -> None:
    """Who asks for batches by name knows the backend."""
    batches.always(202, body="accepted")
    assert outcomes(to(batches, batch=True), events(3)) == [None, None, None]


@pytest.mark.parametrize("wish", ["auto", True])
@pytest.mark.parametrize("status", [400, 413, 422, 500])
def test_a_batch_that_is_refused_as_a_whole_goes_one_by_one(
    batches: HttpServer, deliver, tmp_path: Path, status: int, wish
) -> None:
    """One of them is at fault: all others arrive, and none is set aside for it but that one."""
    batches.when(status, contains='"spoilt"', together=True)
    given = [*events(MANY), event(new_id(), job="spoilt")]
    delivery = deliver(given, flushes=status != 500, batch=wish)
    while not delivery.flush(0.2) and delivery.status()[0].owed > 1:
        pass
    taken = {body for request in batches.requests() for body in request.taken}
    assert {one.body for one in given[:-1]} <= taken
    status_now = delivery.status()[0]
    assert (status_now.quarantined, status_now.owed) == ((0, 1) if status == 500 else (1, 0))
    batches.lift()


def test_the_credentials_are_those_of_single_events(batches: HttpServer) -> None:
    """401 refreshes the token once, and the same batch goes again."""
    batches.when(401, unless_authorization="Bearer new")
    given = events(3)
    assert outcomes(to(batches, auth=Turning()), given) == [None, None, None]
    first, second = batches.requests()
    assert [first.headers["authorization"], second.headers["authorization"]] == ["Bearer old", "Bearer new"]
    assert first.body == second.body
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"]


@pytest.mark.parametrize("wish", ["auto", True])
@pytest.mark.parametrize(
    ("status", "kind"),
    [(403, BrokenDestination), (503, Unreachable), (429, Unreachable), (302, BrokenDestination)],
)
def test_what_holds_for_all_is_raised_once(batches: HttpServer, wish, status: int, kind) -> None:
    """A destination that is at fault or away refuses the batch and every event in it alike."""
    assert to(batches, batch=wish)  # not asked yet
    transport = to(batches, batch=wish)
    assert transport.send_many(events(2)) == [None, None]
    batches.always(status)
    with pytest.raises(kind):
        outcomes(transport, events(3))


def test_batches_are_packed_as_single_events_are(batches: HttpServer) -> None:
    """With compression; and without it once, where the batch is too large as it is."""
    given = events(50)
    assert outcomes(to(batches, compression="gzip"), given) == [None] * 50
    batches.when(413, larger=1500)
    assert outcomes(to(batches), given) == [None] * 50
    packed, whole, again = batches.requests()
    assert [one.headers.get("content-encoding") for one in (packed, whole, again)] == ["gzip", None, "gzip"]
    assert packed.events == whole.events == again.events == [one.body for one in given]


def test_false_never_tries(batches: HttpServer, deliver) -> None:
    """However many wait."""
    deliver(events(MANY), batch=False)
    assert not any(request.is_batch for request in batches.requests())
    assert len(batches.requests()) == MANY + 1


def test_a_batch_has_at_most_one_event_of_a_run(batches: HttpServer, deliver) -> None:
    """The next of a run goes when the one before has its verdict, so that runs keep their order."""
    runs = [new_id() for _ in range(MANY)]
    states = ("START", "RUNNING", "COMPLETE")
    deliver([event(run, state) for run in runs for state in states])
    order: dict[str, list[str]] = {}
    for request in batches.requests():
        found = [json.loads(body) for body in request.events]
        ids = [one["run"]["runId"] for one in found]
        assert len(ids) == len(set(ids)) <= MOST
        for one in found:
            order.setdefault(one["run"]["runId"], []).append(one["eventType"])
    assert [order[run] for run in runs] == [list(states)] * MANY
    assert any(len(request.events) > 1 for request in batches.requests())


def test_a_child_never_comes_before_its_parent(batches: HttpServer, deliver) -> None:
    """Nor in the same batch: a backend would invent the parent."""
    given = []
    for _ in range(FEW):
        parent, child = new_id(), new_id()
        given += [event(parent, job="parent"), event(child, parent=parent, job="child")]
        given += [event(child, "COMPLETE", parent, "child"), event(parent, "COMPLETE", job="parent")]
    parents = {one.run_id: one.parent for one in given}
    deliver(given)
    seen: set[str] = set()
    for request in sorted(batches.requests(), key=lambda one: one.at):
        found = [json.loads(body)["run"]["runId"] for body in request.events]
        assert all(parents.get(run) is None or parents[run] in seen for run in found)
        seen |= set(found)


def test_a_batch_that_breaks_off_is_sent_again_as_a_whole(batches: HttpServer, deliver) -> None:
    """Nobody knows what was taken: all arrive, some of them twice."""
    given = events(MANY)
    deliver(given, lambda: batches.answer(201, fault="reset"))
    taken = {body for request in batches.requests() for body in request.taken}
    assert taken >= {one.body for one in given}


def test_failures_are_in_words(batches: HttpServer) -> None:
    """The reason that the backend gives is part of what is said."""
    batches.when(422, contains="load1")
    transport = to(batches)
    _, error = transport.send_many(events(2))
    transport.close()
    assert isinstance(error, TransportError)
    assert "422" in str(error)
