"""Texts of objects that are not ours: guarded, cut, and never asked twice when slow."""

from __future__ import annotations

from collections.abc import Callable

from lineage_kit.errors import LineageError
from lineage_kit.lifecycle.arguments.shown import MAX_ITEMS, shown
from lineage_kit.lifecycle.arguments.template import MAX_BITS
from lineage_kit.lifecycle.outcome.exceptions import Untouched, arguments_of, method_of
from lineage_kit.strangers import ask, full_type_name, is_a, is_plain_kind, plain_text

Question = Callable[[object], str]  # str or repr

_STR = BaseException.__str__
_STR_OF_KEY_ERROR = KeyError.__str__
_COLLECTIONS = (list, tuple, dict, set, frozenset, bytes, bytearray)


def safe_text(value: object, limit: int) -> str:
    """``str(value)`` in at most `limit` characters; a text naming the type when that fails or was slow before.

    Nothing that ``__str__`` does gets out, not even a BaseException.
    """
    return _part(value, str, limit)


def error_text(error: BaseException, limit: int) -> str:
    """``str(error)`` in at most `limit` characters, whatever its methods do; the exception stays as it was.

    Exceptions that print their arguments are read argument by argument, so that it is the type of a slow argument that
    is not asked again, and not ``ValueError``.
    """
    untouched = Untouched(error)
    method = method_of(type(error), "__str__")
    arguments = arguments_of(error)
    if method is not _STR and method is not _STR_OF_KEY_ERROR:
        text = safe_text(error, limit)
    elif len(arguments) == 1:
        text = _part(arguments[0], str if method is _STR else repr, limit)
    else:
        parts = ", ".join(_part(one, repr, limit) for one in arguments[:MAX_ITEMS])
        text = cut(f"({parts})" if arguments else "", limit)
    untouched.restore()
    return text


def _part(value: object, question: Question, limit: int) -> str:
    """A value, such as one argument of an exception; of collections only what `shown` shows."""
    if is_plain_kind(value, _COLLECTIONS):
        return cut(shown(value, 1000), limit)
    return _asked(value, question, limit)


def _asked(value: object, question: Question, limit: int) -> str:
    more = 0
    if is_a(value, str):
        more = max(0, str.__len__(value) - limit)  # type: ignore[arg-type]
        value = plain_text(value, limit)  # type: ignore[arg-type] # the repr of megabytes takes milliseconds
    elif is_a(value, int) and int.bit_length(value) > MAX_BITS:  # type: ignore[arg-type]
        return f"<{full_type_name(value)} of {int.bit_length(value)} bits>"  # type: ignore[arg-type]
    try:
        text = ask(question, value)
    except LineageError as error:
        text = f"<{full_type_name(value)} whose text cannot be made: {error}>"
    except KeyboardInterrupt as error:  # far more probably raised by its __str__ than by a key
        text = f"<{full_type_name(value)} whose text cannot be made: {type(error).__name__}>"
    return cut(plain_text(text, str.__len__(text)), limit, more)


def cut(text: str, limit: int, more: int = 0) -> str:
    """At most `limit` characters, with a mark that says how many were left out; NUL and half characters replaced.

    more: how many characters were left out before.
    """
    more += max(0, len(text) - limit)
    if more:
        text = f"{text[:limit]}… [{more} characters left out]"
    return replace_unsendable(text)


def replace_unsendable(text: str) -> str:
    """The text with what JSON in UTF-8 or a database cannot hold, half characters and NUL, replaced."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\ufffd")
