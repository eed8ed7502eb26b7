"""Transports that stand in for real wires, envelopes to send, and what scripts in other processes need."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from lineage_kit.delivery.base import Status
from lineage_kit.errors import Unreachable
from lineage_kit.event.envelope import Envelope
from lineage_kit.transport.base import Transport

PATIENCE = 30.0  # seconds after which something awaited is given up; no test that passes waits for long


def event(
    run: "str | int | None", state: "str | None" = "START", size: int = 10, mark: object = ""
) -> Envelope:
    """An envelope whose body begins ``run:state:mark:`` and has at least `size` bytes."""
    name = None if run is None else str(run)
    body = f"{name}:{state}:{mark}:".encode()
    return Envelope(body.ljust(size, b"."), key=f"run:{name}", run_id=name, state=state)


def whole_run(run: "str | int") -> list[Envelope]:
    """START and COMPLETE of one run."""
    return [event(run, "START"), event(run, "COMPLETE")]


class Recorder(Transport):
    """Keeps what it is sent; `answer` may raise, or wait, before it does."""

    kind = "recorder"

    def __init__(self, answer: "Callable[[Envelope], object]" = lambda envelope: None) -> None:
        super().__init__()
        self.answer = answer
        self.sent: list[Envelope] = []
        self.tries: list[Envelope] = []
        self.threads: set[int] = set()
        self.at_once = 0
        self.most_at_once = 0
        self.closed = 0
        self._changed = threading.Condition()

    def send(self, envelope: Envelope) -> str:
        """Notes the try, asks `answer`, keeps the event when that returns."""
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        self.threads.add(threading.get_ident())
        try:
            self._note(self.tries, envelope)
            self.answer(envelope)
            self._note(self.sent, envelope)
        finally:
            self.at_once -= 1
        return "200 OK"

    def close(self, timeout: float = 1.0) -> None:
        """Counts."""
        with self._changed:
            self.closed += 1
            self._changed.notify_all()

    def wait(self, condition: "Callable[[Recorder], bool]") -> None:
        """Returns once the condition holds."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self), PATIENCE), (self.tries, self.sent)

    def _note(self, where: "list[Envelope]", envelope: Envelope) -> None:
        with self._changed:
            where.append(envelope)
            self._changed.notify_all()


class Gate:
    """An answer that waits until the gate is opened."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.entered = threading.Event()

    def __call__(self, envelope: Envelope) -> None:
        self.entered.set()
        assert self._open.wait(PATIENCE)

    def open(self) -> None:
        """Whoever waits goes on, and nobody waits again."""
        self._open.set()


class Answers:
    """An answer from a list of what to raise, None for success; success when the list is used up."""

    def __init__(self, answers: "Iterable[BaseException | None]") -> None:
        self._answers = iter(answers)

    def __call__(self, envelope: Envelope) -> None:
        error = next(self._answers, None)
        if error is not None:
            raise error


class Outage:
    """An answer that says the destination cannot be reached, until `over` is called."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def __call__(self, envelope: Envelope) -> None:
        if not self._over.is_set():
            raise Unreachable("refused")

    def over(self) -> None:
        """From now on events get through."""
        self._over.set()


class LineFile(Transport):
    """Appends ``pid body`` to a file: survives the process, whole lines from many processes."""

    kind = "line-file"

    def __init__(
        self, path: "str | Path", answer: "Callable[[Envelope], object]" = lambda envelope: None
    ) -> None:
        super().__init__()
        self._path = str(path)
        self._answer = answer

    def send(self, envelope: Envelope) -> None:
        """Asks `answer`, then appends one line."""
        self._answer(envelope)
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.write(handle, b"%d %s\n" % (os.getpid(), envelope.body))
        os.close(handle)


def lines(path: Path) -> "list[tuple[int, str]]":
    """What `LineFile` wrote: process id and body of each event."""
    if not path.exists():
        return []
    return [
        (int(pid), body) for pid, _, body in (line.partition(" ") for line in path.read_text().splitlines())
    ]


def total(status: Status) -> int:
    """Events of `status` in any place: what was submitted, if nothing was lost from sight."""
    return status.delivered + sum(status.dropped.values()) + status.owed


def in_order(sent: "Iterable[Envelope]") -> bool:
    """Whether no run's event came before its START or after its end."""
    rank = {"START": 0, "RUNNING": 1, "COMPLETE": 2}
    seen: Counter[str] = Counter()
    for envelope in sent:
        if envelope.run_id is not None and envelope.state is not None:
            if rank[envelope.state] < seen[envelope.run_id]:
                return False
            seen[envelope.run_id] = rank[envelope.state]
    return True
