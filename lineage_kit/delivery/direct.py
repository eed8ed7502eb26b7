"""Direct delivery: submit sends on the caller's thread; for wires that never wait, or when asked for by name."""

from __future__ import annotations

import threading
import time
from collections import deque

from lineage_kit import report
from lineage_kit.delivery.base import Status, Tally, in_words, trace
from lineage_kit.delivery.door import attempt, has_room
from lineage_kit.delivery.process import PerProcess, at_end, not_at_end
from lineage_kit.delivery.retry import Pace, RetryPolicy, Verdict, judge
from lineage_kit.event.envelope import Envelope
from lineage_kit.notes.scope import Suppressed, current_scope, set_scope
from lineage_kit.transport.base import Transport

STRIKES = 3  # interruptions of one and the same event after which it is given up


class _Line:
    """The events of one process, sent one at a time."""

    def __init__(self, retry: RetryPolicy) -> None:
        self.lock = threading.RLock()  # re-entrant: a signal handler may emit in the middle of a send
        self.waiting: deque[Envelope] = deque()
        self.sending = False
        self.settled: Envelope | None = None  # the last to have its verdict; for a moment it still waits
        self.strikes = 0  # how often the event whose turn it is was interrupted
        self.suppressed = Suppressed()
        self.pace = Pace(retry)
        self.tally = Tally()

    def has_had(self, envelope: Envelope) -> bool:
        """Whether this very event waits, or was the last to have its verdict."""
        return envelope is self.settled or any(one is envelope for one in tuple(self.waiting))


class DirectDelivery:
    """One attempt per event before submit returns, or several within `budget`.

    budget: seconds that one submit may take for tries and pauses between them; the last try may outlast it by the
    transport's own timeout. None: a single try.
    retry: the pauses between tries.

    One event is sent at a time. Who comes in again while his own thread is sending (a signal handler, a logging
    handler, a finaliser) has his event sent after the present one.
    """

    def __init__(
        self,
        transport: Transport,
        name: str,
        *,
        budget: float | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self.name: str = name
        self._transport = transport
        self._budget = budget
        self._retry = retry or RetryPolicy()
        self._closed = False
        self._here: PerProcess[_Line] = PerProcess(self._make)

    def submit(self, envelope: Envelope, *, again: bool = False) -> bool:
        """Send the event. False when it is lost, which is counted and said.

        Only what interrupts the caller's own thread passes through, such as KeyboardInterrupt. The event then
        waits, and goes out with the next one, a flush, or at the end of the process. `again`: see `Delivery`.
        """
        line = self._here.get()
        if self._closed:
            line.tally.dropped("closed")
            report.problem(
                f"delivery.closed:{self.name}", f"an event came after {self.name} was closed: refused"
            )
            return False
        deadline = None if self._budget is None else time.monotonic() + self._budget
        try:
            with line.lock:
                if not again or not line.has_had(envelope):
                    line.waiting.append(envelope)
                return line.sending or self._send_all(line, envelope, deadline)
        except RecursionError:
            if envelope is not line.settled and (not line.waiting or envelope is not line.waiting[-1]):
                raise
            return True  # it has its verdict, or waits: there is no room on the stack, not even for a call

    def flush(self, timeout: float) -> bool:
        """Send what an interrupted submit left; False when called in the middle of a send, or when that fails."""
        line = self._here.get()
        if not line.waiting or self._closed:
            return not line.waiting
        try:
            with line.lock:
                return not line.sending and self._send_all(line, None, None)
        except RecursionError:  # no room on the stack: it goes on waiting
            return False

    def close(self, timeout: float) -> bool:
        """Release the transport as soon as nobody sends, which is waited for at most `timeout` seconds. Idempotent."""
        if self._closed:
            return True
        self._closed = True
        line = self._here.get()
        if not line.lock.acquire(timeout=max(0.0, timeout)):
            return False
        try:
            if line.waiting and not line.sending:
                self._send_all(line, None, None)
            error = attempt(self._transport.close, timeout)
        finally:
            line.lock.release()
        if error is not None:
            report.problem(f"delivery.close:{self.name}", f"closing {self.name} failed", error)
        self._at_end()
        return True

    def recover(self) -> int:
        """0: nothing outlives a process here."""
        return 0

    def status(self) -> list[Status]:
        """One entry; counted since this process began, or was forked."""
        line = self._here.get()
        owed, broken = len(line.waiting), line.pace.broken
        return [line.tally.status(self.name, self._transport, "direct", owed=owed, broken=broken)]

    def _at_end(self) -> None:
        """Send what still waits, and say how many events were lost in all, of which one a minute was spoken of."""
        not_at_end(self._at_end)
        self.flush(0.0)
        lost = sum(self.status()[0].dropped.values())
        if lost > 1:
            report.problem(
                f"delivery.lost:{self.name}",
                f"{lost:,} lineage events were lost: {self.name} did not take them",
            )

    def _make(self) -> _Line:
        return _Line(self._retry)

    # What follows is cut into functions so that no loop stands directly inside try or with: where a loop jumps back,
    # Python 3.13 may raise KeyboardInterrupt past the handlers around it.

    def _send_all(self, line: _Line, own: Envelope | None, deadline: float | None) -> bool:
        """Send what waits, the caller's `own` event and those that come in meanwhile; how its own one went."""
        outer = current_scope()
        line.sending = True
        try:  # no context manager: what a signal handler raises on its way in would leave the caller suppressed
            set_scope(line.suppressed)
            return self._send_each(line, own, deadline)
        finally:
            line.sending = False  # first: after a call, such as the next line's, a signal handler may raise
            set_scope(outer)

    def _send_each(self, line: _Line, own: Envelope | None, deadline: float | None) -> bool:
        went = True  # as it did if who came in just before us has sent it already
        while line.waiting:
            envelope = line.waiting[0]
            taken = self._send(line, envelope, deadline)
            if own is None or envelope is own:
                went = went and taken
        return went

    def _send(self, line: _Line, envelope: Envelope, deadline: float | None) -> bool:
        """Try until there is a verdict or no time; the event then no longer waits."""
        if envelope is line.settled:  # interrupted between its verdict and what follows
            line.waiting.popleft()
            return True
        try:
            reason, error = self._tries(line, envelope, deadline)
        except BaseException as interrupt:
            self._interrupted(line, interrupt)
            raise
        self._settle(line, envelope, reason)
        if error is None:
            return True
        report.problem(
            f"delivery.{reason}:{self.name}",
            f"{self.name} did not take an event: {in_words(error)}",
            once=True,
        )
        return False

    def _settle(self, line: _Line, envelope: Envelope, reason: str | None) -> None:
        line.settled = envelope  # first: from here on it is not sent again
        line.strikes = 0
        if reason:
            line.tally.dropped(reason)
            at_end(self._at_end)
        else:
            line.tally.delivered()
        line.waiting.popleft()

    def _interrupted(self, line: _Line, interrupt: BaseException) -> None:
        """Whether the event has gone out is not known: it stays and is sent again, as the same bytes."""
        if type(interrupt) is not RecursionError:  # whose end is near
            line.strikes += 1
            if line.strikes >= STRIKES:  # it is the transport itself that raises
                self._settle(line, line.waiting[0], "interrupted")
        at_end(self._at_end)

    def _tries(
        self, line: _Line, envelope: Envelope, deadline: float | None
    ) -> tuple[str | None, Exception | None]:
        """Why the event is lost, and the last error; None and None when it is delivered."""
        while True:
            error = self._try(envelope)
            if error is None:
                line.pace.answered()
                return None, None
            line.tally.failed(error)
            trace(self.name, error)
            if judge(error) is Verdict.REJECTED:
                line.pace.answered()
                return "rejected", error
            line.pace.failed(error)
            pause = line.pace.wait()
            if deadline is None or line.pace.broken or time.monotonic() + pause >= deadline:
                return "failed", error
            time.sleep(pause)

    def _try(self, envelope: Envelope) -> Exception | None:
        try:
            self._transport.send(envelope)
        except RecursionError as error:
            if not has_room():
                raise
            return error
        except Exception as error:  # the door: no exception of a wire reaches user code
            return error
        return None
