"""Every exception this package raises.

    LineageError                    everything below
    ├── ConfigError                 a setting is wrong, missing or unknown            (also a ValueError)
    │   └── MissingExtraError       a library that an extra would install is absent   (also an ImportError)
    ├── UsageError                  a decorator, run() or template is written wrongly (also a TypeError)
    ├── NamingError                 no dataset can be named from this text or object  (also a ValueError)
    ├── EventError                  a value the OpenLineage standard does not allow   (also a ValueError)
    │   └── DecodeError             an event that is not valid, with every problem found
    └── TransportError              one attempt to send one event failed
        ├── Unreachable             worth another try: refused, timed out, 408, 425, 429, 5xx
        ├── Rejected                the event's own fault: the destination will never take it
        │   └── TooLarge            the event is too big for the destination
        ├── BrokenDestination       the destination's fault: wrong address, credentials, redirect, TLS
        └── BatchRefused            several events at once are not taken; each is worth a try by itself

The first four branches are raised where the mistake is written. TransportError never reaches user code:
transports raise it, deliveries read it.
"""

from __future__ import annotations

from collections.abc import Sequence


class LineageError(Exception):
    """Base of all errors of this package."""


class ConfigError(LineageError, ValueError):
    """A setting is wrong: says where (file, line, path or variable), what was found and what was expected.

    Where it tells several problems, ``faults`` holds each: the option it is about, empty where its text says the
    place, and that text.
    """

    def __init__(self, message: str, faults: Sequence[tuple[str, str]] = ()) -> None:
        self.faults = tuple(faults) or (("", message),)
        super().__init__(message)


class MissingExtraError(ConfigError, ImportError):
    """A configured feature needs a library that is not installed; the message holds the pip command."""

    def __init__(self, feature: str, module: str, extra: str, place: str = "") -> None:
        self.feature, self.module, self.extra = feature, module, extra
        super().__init__(
            f"{place}{': ' if place else ''}{feature} needs the Python package {module!r}, which is not installed. "
            f"Install it with: pip install 'lineage-kit[{extra}]'"
        )


class UsageError(LineageError, TypeError):
    """A decorator, a block or a template is written in a way that cannot work."""


class NamingError(LineageError, ValueError):
    """A text or object from which no dataset name can be made."""


class EventError(LineageError, ValueError):
    """A value that the OpenLineage standard does not allow in an event."""


class DecodeError(EventError):
    """An event that is not valid; ``problems`` lists every one of them, each with its path."""

    def __init__(self, problems: Sequence[object]) -> None:
        self.problems = tuple(problems)
        super().__init__(
            "not a valid OpenLineage event:\n" + "\n".join(f"  {problem}" for problem in self.problems)
        )


class TransportError(LineageError):
    """One attempt to send one event failed.

    ``status`` is the HTTP status where there was one, ``answer`` the beginning of what the destination said,
    ``retry_after`` the seconds the destination asked to wait.
    """

    def __init__(
        self, message: str, *, status: int | None = None, answer: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.answer = answer
        self.retry_after = retry_after


class Unreachable(TransportError):  # noqa: N818 - named by what happened, as readers of a log expect
    """The destination could not be reached or asked to come back: worth another try."""


class Rejected(TransportError):  # noqa: N818
    """The destination refuses this event and always will."""


class TooLarge(Rejected):
    """The destination refuses this event for its size."""


class BrokenDestination(TransportError):  # noqa: N818
    """The destination cannot take any event as it is configured: address, credentials, redirect, certificate."""


class BatchRefused(TransportError):  # noqa: N818
    """The destination does not take these events together: each is worth a try by itself."""
