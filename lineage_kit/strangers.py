"""Questions to objects that are not ours: guarded, timed, and not put again to a type that was slow to answer.

Any method of such an object may raise, sleep, lie about its class or leave the program. What a type is, is therefore
read past the object and past its metaclass; what only the object can tell is asked through `ask`.
"""

from __future__ import annotations

import builtins
import sys
import time
from collections.abc import Callable, Container
from typing import Any, TypeVar

from lineage_kit import report
from lineage_kit.errors import LineageError

T = TypeVar("T")

SLOW_SECONDS = 0.005
WAITED_SECONDS = 0.015  # for waiting: a thread that waits for the interpreter's lock does so in steps of 5 ms
MAX_SLOW = 1000
MAX_SAID = 200  # characters of an exception's message

_PLAIN = (str, int, float, bool, type(None))

_slow: set[str] = set()  # names, not types: holding a type would keep a reloaded module alive


class Unanswered(LineageError):  # noqa: N818 - what the question is
    """The object raised instead of answering, or its type was slow before and is not asked again.

    The text of it may become part of an event; `told`, with the message of what was raised, is for our own warnings.
    """

    def __init__(self, text: str, told: str = "") -> None:
        super().__init__(text)
        self.told = told or text


def is_a(obj: Any, kind: type | tuple[type, ...]) -> bool:
    """`isinstance` by the true type: an object may lie about ``__class__``, or raise when asked.

    `kind` is no abstract class: those ask the metaclass; see `is_kind_of`.
    """
    return issubclass(type(obj), kind)


def is_plain_kind(obj: Any, kinds: Container[type]) -> bool:
    """Whether the type itself is one of `kinds`, which are built in; a type with a metaclass is not compared."""
    kind = type(obj)
    return type(kind) is type and kind in kinds


def is_kind_of(obj: Any, kind: type) -> bool:
    """`is_a` for abstract classes; False where the object's metaclass will not be asked."""
    try:
        return issubclass(type(obj), kind)
    except Exception:  # door: the metaclass of a stranger
        return False


def type_name(obj: Any) -> str:
    """The name of the object's type, at most 80 characters; asked of `type` itself, past any metaclass."""
    return str.__str__(type.__dict__["__name__"].__get__(type(obj)))[:80]


def full_type_name(obj: Any) -> str:
    """``module.Type``, ``list`` for a built-in; at most 160 characters, read past any metaclass."""
    kind = type(obj)
    name, module = qualified_name(kind)[:80], module_of(kind)
    return name if module == "builtins" or not module else f"{module[:80]}.{name}"


def qualified_name(kind: type) -> str:
    """The qualified name of a class, read past its metaclass."""
    name = type.__dict__["__qualname__"].__get__(kind)
    return name if type(name) is str else str.__str__(type.__dict__["__name__"].__get__(kind))


def module_of(kind: type) -> str:
    """The module a type says it is from; empty where that is no text."""
    module = type.__dict__["__module__"].__get__(kind)
    return module if type(module) is str else ""


def is_standard(kind: type) -> bool:
    """True for types of ours and of the standard library, but not for mocks, which note every question as a call."""
    module = module_of(kind)
    root = module.partition(".")[0]
    return root in ("lineage_kit", "msgspec") or (
        root in sys.stdlib_module_names and module != "unittest.mock"
    )


def ask_always(question: Callable[..., T], *about: Any) -> T:
    """``question(*about)``. Raises `Unanswered` for whatever the objects in it raise; Ctrl-C passes."""
    try:
        return question(*about)
    except (LineageError, KeyboardInterrupt):
        raise
    except BaseException as error:  # door: the user's objects, which may even try to leave the program
        raise Unanswered(type_name(error), _told(error)) from None


def ask(question: Callable[..., T], obj: Any, *more: Any) -> T:
    """``question(obj, *more)``, once per type where that takes over 5 ms. Raises `Unanswered`.

    Types of the standard library are always asked: what slows those is the machine.
    """
    kind = type(obj)
    if is_standard(kind):
        return ask_always(question, obj, *more)
    name = full_type_name(obj)
    if name in _slow:
        raise Unanswered(f"a {name} took long to answer before and is not asked again")
    begun, waits = time.perf_counter(), _waits()
    try:
        return ask_always(question, obj, *more)
    finally:
        took = time.perf_counter() - begun
        if took > SLOW_SECONDS and _was_its_own(took, waits):
            _remember(name)


def plain_text(text: str, limit: int) -> str:
    """At most `limit` characters of a text as a plain `str`, whatever methods its class has."""
    if type(text) is str and len(text) <= limit:
        return text
    return str.__getitem__(text, slice(0, limit))


def told(error: LineageError) -> str:
    """What a warning says of an error."""
    return error.told if isinstance(error, Unanswered) else str(error)


def _told(error: BaseException) -> str:
    """Type and message of an exception; of one that is not Python's own, or holds objects, the type alone."""
    name = type_name(error)
    plain = vars(builtins).get(name) is type(error) and all(type(one) in _PLAIN for one in error.args)
    text = " ".join(str(error)[:MAX_SAID].split()) if plain else ""
    return f"{name}: {text}" if text else name


def _waits() -> tuple[float, int]:
    """The processor seconds that this thread used so far, and how often it waited of its own accord."""
    try:
        from resource import RUSAGE_THREAD, getrusage
    except ImportError:  # not Linux
        return time.thread_time(), -1
    usage = getrusage(RUSAGE_THREAD)
    return usage.ru_utime + usage.ru_stime, usage.ru_nvcsw


def _was_its_own(took: float, before: tuple[float, int]) -> bool:
    """Whether the time went into work or waiting, and not to other threads or processes of a busy machine."""
    used, waited = _waits()
    if used - before[0] > SLOW_SECONDS / 2:
        return True
    return took > WAITED_SECONDS and (waited == -1 or waited > before[1])


def _remember(name: str) -> None:
    if len(_slow) < MAX_SLOW:
        _slow.add(name)
        report.count(f"slow:{name}")
