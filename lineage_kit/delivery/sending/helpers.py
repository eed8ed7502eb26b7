"""More threads for one destination, while there is more to try than one can do; they do not linger."""

from __future__ import annotations

import _thread
from collections.abc import Callable

from lineage_kit.delivery.sending.sender import Parcel, Sender
from lineage_kit.notes import suppressed


class Helpers:
    """Up to ``transport.lanes - 1`` threads beside the worker's own.

    may_go_on: asked between two attempts. ended: called by each as the last thing.
    """

    def __init__(self, sender: Sender, may_go_on: Callable[[], bool], ended: Callable[[], None]) -> None:
        self._sender = sender
        self._may_go_on = may_go_on
        self._ended = ended
        self._threads: set[object] = set()
        self._idents: set[int] = set()

    def __len__(self) -> int:
        return len(self._threads)

    def is_current(self) -> bool:
        """Whether this is asked on one of these threads."""
        return _thread.get_ident() in self._idents

    def attempt(self, parcel: Parcel) -> None:
        """Try what was taken, and have somebody else try what can be tried beside it."""
        self._call()
        self._sender.attempt(parcel)

    def _call(self) -> None:
        sender = self._sender
        if len(self._threads) + 1 >= sender.transport.lanes or sender.is_slack() or sender.wait() != 0.0:
            return
        helper = object()
        self._threads.add(helper)
        try:
            _thread.start_new_thread(self._run, (helper,))
        except RuntimeError:
            self._threads.discard(helper)

    def _run(self, helper: object) -> None:
        """Until there is nothing to take."""
        ident = _thread.get_ident()
        self._idents.add(ident)
        try:
            with suppressed():
                while self._may_go_on() and (parcel := self._sender.take()) is not None:
                    self.attempt(parcel)
        finally:
            self._idents.discard(ident)
            self._threads.discard(helper)
            self._ended()
