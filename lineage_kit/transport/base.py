"""The seam to the wire: a transport makes one attempt to send one event.

A transport of one's own needs one method::

    class PrintTransport(Transport):
        kind = "print"

        def send(self, envelope):
            print(envelope.body.decode())

When and how often to try is not its business: a delivery decides that from what `send` returns or raises. It is
called by one thread at a time, unless it says by `lanes` that it bears more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import msgspec

from lineage_kit.errors import BrokenDestination, ConfigError
from lineage_kit.event.envelope import Envelope


class Config:
    """Base for the options of a transport of one's own: ``from_dict`` receives its mapping from the configuration."""

    @classmethod
    def from_dict(cls, params: dict[str, Any]) -> Self:
        """Build from the mapping under ``transport`` without ``type``. Override to check; the default passes it on."""
        return cls(**params)


class Options(msgspec.Struct, kw_only=True, frozen=True):
    """Base for the options of our own transports: checked on the way in, never printed with what may be secret."""

    def __post_init__(self) -> None:
        try:
            found = list(self.faults(msgspec.structs.asdict(self)))
        except (AttributeError, TypeError):  # code gave a value of a type that the rules cannot ask
            self._read_types()
            found = list(self.faults(msgspec.structs.asdict(self)))
        if found:
            raise ConfigError("; ".join(text for _, text in found), found)

    def _read_types(self) -> None:
        """Read each option as from a configuration: ``"5"`` is a number. Raises `ConfigError` for what cannot be."""
        from lineage_kit.config.problems import Problems
        from lineage_kit.config.typed import Converter

        problems = Problems()
        for field in msgspec.inspect.type_info(type(self)).fields:  # type: ignore[attr-defined]
            value = Converter(problems).read(getattr(self, field.name), field.type, field.name, "")
            if not problems:
                msgspec.structs.force_setattr(self, field.name, value)
        problems.finish()

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterable[tuple[str, str]]:  # noqa: ARG003 - for those that have rules
        """(option, what is wrong with it) beyond what its type says, for those options that are in `given`."""
        return ()

    @classmethod
    def check_parts(cls, params: Mapping[str, Any], path: str) -> None:
        """Raise `ConfigError` for what the transport itself reads later; asked only where there is another problem."""

    @classmethod
    def from_dict(cls, params: Mapping[str, Any], path: str = "$.transport") -> Self:
        """Build from a mapping of the configuration, keys in any of the three spellings.

        Raises `ConfigError` that names `path`, the key and the nearest valid one.
        """
        from lineage_kit.config import convert

        return convert(params, cls, path)

    def __rich_repr__(self) -> list[tuple[str, Any]]:
        values = [
            (field.name, getattr(self, field.name), field.default) for field in msgspec.structs.fields(self)
        ]
        return [(name, shown(value)) for name, value, default in values if value not in (default, {})]

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={value!r}" for name, value in self.__rich_repr__())
        return f"{type(self).__name__}({fields})"


class Transport:
    """Base of all transports; one's own need not derive from it, having ``send`` (or ``emit``) is enough."""

    kind: ClassVar[str | None] = None
    """Name for ``transport.type`` once registered."""
    config_class: ClassVar[type] = Config
    """What reads the options; an instance is the constructor's only argument."""
    delivery: ClassVar[Literal["direct", "background"]] = "background"
    """``direct`` for wires that never wait (a file, memory): `send` is then called on the caller's thread."""
    lanes: int = 1
    """How many threads may send at the same time."""
    most: int = 1
    """How many events `send_many` takes at once; 1 where there is no such thing."""
    placed: ClassVar[bool] = False
    """Whether the constructor takes the place of its section in the configuration too (some of our own do)."""

    config: Any = None
    """What it was made from."""

    def __init__(self, config: Any = None) -> None:
        self.config = config

    def send(self, envelope: Envelope) -> str | None:
        """Try once. Returns when the event is safely there, if it likes with a few words (an HTTP status line).

        Raises: `Unreachable` (worth another try), `Rejected` or `TooLarge` (this event never), `BrokenDestination`
        (no event as configured). Any other exception counts as worth another try. Our own transports raise
        `BrokenDestination` once they are closed.
        """
        raise NotImplementedError

    def send_many(self, envelopes: Sequence[Envelope]) -> Sequence[BaseException | None]:
        """Try once to send several events, of different runs; for each None, or what `send` would have raised.

        Raises what holds for all of them, or `BatchRefused`: then each is tried by itself.
        """
        raise NotImplementedError

    def close(self, timeout: float = 1.0) -> None:
        """Release what is held, within `timeout` seconds. Called once, after the last `send`."""

    def describe(self) -> str:
        """Where this goes, for people: address, topic or path, without credentials."""
        return str(self.kind or type(self).__name__)


def closed(transport: Transport) -> BrokenDestination:
    """The error that `send` raises once its transport is closed."""
    return BrokenDestination(f"{transport.describe()} is closed")


def shown(value: Any) -> Any:
    """An option as `repr` may show it: of mappings and objects the keys or the type, since values may be secret."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, str):
        return _without_credentials(value)
    if isinstance(value, Mapping):
        return dict.fromkeys(map(str, value), "…")
    if isinstance(value, Options):
        return value
    return f"<{type(value).__name__}>"


def _without_credentials(text: str) -> str:
    """A URL without user, password and query; any other text as it is."""
    scheme, separator, rest = text.partition("://")
    if not separator:
        return text
    rest = rest.partition("?")[0].partition("#")[0]
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}"
