"""Facets without secrets and within their size: keys that name a secret are masked everywhere, text by its patterns.

Which facet is searched how stands in `RULES`. Patterns run over text that changes from run to run (messages, stacks,
SQL, parameters) and over facets we do not know; names of columns are left as they are. A facet that cannot be
redacted is left out, never sent as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import msgspec

from lineage_kit import report
from lineage_kit.client.redact.caps import ARGUMENT_LIMIT, MESSAGE_LIMIT, STACK_LIMIT, cap_stack, cap_text
from lineage_kit.client.redact.masks import MASK, redact_patterns, redact_text
from lineage_kit.client.redact.names import is_secret_name
from lineage_kit.config.model import RedactSettings
from lineage_kit.event.clean import clean

SCAN_FACTOR = 4  # so much more than a limit is searched: what is cut off need not be
MAX_DEPTH = 64

_NOT_SEARCHED = ("producer", "schemaURL", "_producer", "_schemaURL", "deleted", "_deleted")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """How the contents of one facet are searched.

    keys: mask values by the name of their key. text: run the patterns. code: only over quoted values.
    pairs: ``{"name"/"key": …, "value": …}``, ``[["key", "value"]]`` and ``["--key", "value"]`` count as key and value.
    limits: field → bytes, at any depth.
    """

    keys: bool = True
    text: bool = True
    code: bool = False
    pairs: bool = False
    limits: dict[str, int] = {}


UNTOUCHED = Rule(keys=False, text=False)
QUIET = Rule(text=False)
RULES: dict[str, Rule] = {
    "errorMessage": Rule(limits={"message": MESSAGE_LIMIT, "stackTrace": STACK_LIMIT}),
    "extractionError": Rule(limits={"errorMessage": MESSAGE_LIMIT, "stackTrace": STACK_LIMIT}),
    "executionParameters": Rule(pairs=True, limits={"value": ARGUMENT_LIMIT}),
    "environmentVariables": Rule(pairs=True),
    "sql": Rule(code=True),
    "sourceCode": Rule(code=True),
    "tags": Rule(pairs=True),
    "schema": UNTOUCHED,
    "columnLineage": UNTOUCHED,
    "lineage": UNTOUCHED,
    "dataQualityAssertions": Rule(keys=False),  # values that were found; columns may have any name
    "dataQualityMetrics": UNTOUCHED,
    "datasetType": QUIET,
    "hierarchy": UNTOUCHED,
    "inputStatistics": QUIET,
    "jobDependencies": QUIET,
    "jobType": QUIET,
    "nominalTime": QUIET,
    "outputStatistics": QUIET,
    "ownership": QUIET,
    "parent": QUIET,
    "processing_engine": QUIET,
    "storage": QUIET,
    "version": QUIET,
}
OTHER = Rule(pairs=True)
CAPS = {key: Rule(keys=False, text=False, limits=rule.limits) for key, rule in RULES.items() if rule.limits}
"""What is cut where nothing is masked."""


LEFT_OUT = object()
INSIDE_ITSELF = "<unserialisable: an object inside itself>"
TOO_DEEP = "<unserialisable: an object nested too deep>"


def redact_facets(facets: dict[str, Any], options: RedactSettings) -> dict[str, Any]:
    """The facets with secrets masked and long texts cut; the same dict when nothing had to change. Never raises."""
    changes: dict[str, Any] = {}
    for key, facet in facets.items():
        rule = RULES.get(key, OTHER) if options.enabled else CAPS.get(key, UNTOUCHED)
        if rule is UNTOUCHED or (rule is QUIET and isinstance(facet, msgspec.Struct)):
            continue
        redacted = _redacted(key, facet, rule, options)
        if redacted is not facet:
            changes[key] = redacted
    if not changes:
        return facets
    return {key: facet for key, facet in {**facets, **changes}.items() if facet is not LEFT_OUT}


def _redacted(key: str, facet: Any, rule: Rule, options: RedactSettings) -> Any:
    try:
        if not isinstance(facet, (dict, msgspec.Struct)) and is_secret_name(key, options.keys):
            return LEFT_OUT
        redaction = _Redaction(rule, options)
        redacted = redaction.value(facet, 0)
        if redaction.replaced:
            said = f"in facet {str(key)[:80]!r} a value is replaced by {redaction.replaced!r}"
            report.problem("redact.replaced", said)
        return redacted
    except Exception as error:  # the door: a facet may be any object, a pattern may be the user's
        report.problem(
            "redact.dropped", f"facet {str(key)[:80]!r} could not be redacted and is left out", error
        )
        return LEFT_OUT


class _Redaction:
    """One pass over one facet; every method gives the same object back when nothing changed."""

    def __init__(self, rule: Rule, options: RedactSettings) -> None:
        self.rule = rule
        self.more = options.keys
        self.patterns = options.patterns
        self.open: set[int] = set()  # ids of the containers around the current value
        self.replaced = ""
        """The marker that was put in place of a value, where there was one."""

    def value(self, value: Any, depth: int) -> Any:
        kind = type(value)
        if kind is str:
            return self.text(value)
        if kind in _PLAIN:
            return value
        if id(value) in self.open or depth > MAX_DEPTH:
            self.replaced = TOO_DEEP if depth > MAX_DEPTH else INSIDE_ITSELF
            return self.replaced
        self.open.add(id(value))
        try:
            return self.container(value, depth)
        finally:
            self.open.discard(id(value))

    def container(self, value: Any, depth: int) -> Any:
        if isinstance(value, dict):
            return self.mapping(value, depth)
        if isinstance(value, msgspec.Struct):
            return self.struct(value, depth)
        if isinstance(value, (list, tuple)):
            return self.items(value, depth)
        return self.other(value, depth)

    def items(self, value: Any, depth: int) -> Any:
        """A list; in one of pairs ``["password", "x"]``, and behind an argument ``--password``, stands a secret."""
        if hasattr(value, "_fields"):  # a named tuple
            named = zip(value._fields, value, strict=True)
            items = [self.field(name, item, depth, "") for name, item in named]
        else:
            items = [self.value(item, depth + 1) for item in value]
        if self.rule.pairs:
            self.mask_pairs(value, items)
        return value if all(new is old for new, old in zip(items, value, strict=True)) else items

    def mask_pairs(self, value: Any, items: list[Any]) -> None:
        """Put masks into `items`, made of `value`, for what stands beside or behind a secret name."""
        for at, item in enumerate(value):
            if isinstance(item, (list, tuple)) and len(item) == 2 and self.is_secret(item[0]):
                items[at] = [item[0], _masked(item[1])]
            elif at and isinstance(item, str) and self.is_argument(value[at - 1]):
                items[at] = _masked(item)

    def is_argument(self, item: Any) -> bool:
        """Whether what stands behind `item` in a list of arguments is a secret."""
        return isinstance(item, str) and item.startswith("-") and "=" not in item and self.is_secret(item)

    def text(self, text: str) -> str:
        if not self.rule.text:
            return text
        redacted = redact_text(text, more=self.more, literals_only=self.rule.code)
        return redact_patterns(redacted, self.patterns) if self.patterns else redacted

    def mapping(self, value: dict[Any, Any], depth: int) -> Any:
        changes = {}
        pair = self.first_secret([value.get(name) for name in _PAIR_NAMES]) if self.rule.pairs else ""
        for key, old in value.items():
            new = self.field(key, old, depth, pair) if key not in _NOT_SEARCHED else old
            if new is not old:
                changes[key] = new
        return {**value, **changes} if changes else value

    def struct(self, value: msgspec.Struct, depth: int) -> Any:
        changes = {}
        names, searched = _fields_of(type(value), self.more)
        pair = self.first_secret([getattr(value, name) for name in names]) if self.rule.pairs else ""
        for field, is_secret in searched:
            old = getattr(value, field)
            new = self.content(field, old, depth, is_secret or bool(pair and field in _PAIR_VALUES))
            if new is not old:
                changes[field] = new
        return msgspec.structs.replace(value, **changes) if changes else value

    def first_secret(self, names: list[Any]) -> str:
        """The first of the names, beside which a value stands, that tells a secret; empty where none does."""
        return next((name for name in names if isinstance(name, str) and self.is_secret(name)), "")

    def is_secret(self, name: Any) -> bool:
        if type(name) is not str:
            name = getattr(name, "value", name)  # a member of an Enum
            if isinstance(name, bytes):
                name = name.decode("utf-8", "replace")
        return isinstance(name, str) and name != "PWD" and is_secret_name(name, self.more)

    def field(self, name: Any, value: Any, depth: int, pair: str) -> Any:
        """The value of one key; `pair` is the secret name that stands beside it, if there is one."""
        is_secret = self.rule.keys and self.is_secret(pair if pair and name in _PAIR_VALUES else name)
        return self.content(name, value, depth, is_secret)

    def content(self, name: Any, value: Any, depth: int, is_secret: bool) -> Any:
        """What stands under a name: masked where that is secret, else cut to its size and searched."""
        if value is None or value is msgspec.UNSET:
            return value
        if is_secret and self.rule.keys:
            return _masked(value)
        if type(value) is str and name in self.rule.limits:
            return self.limited(value, self.rule.limits[name])
        return self.value(value, depth + 1)

    def limited(self, text: str, limit: int) -> str:
        cap = cap_stack if limit == STACK_LIMIT else cap_text
        return cap(self.text(cap(text, SCAN_FACTOR * limit)), limit)

    def other(self, value: Any, depth: int) -> Any:
        """Objects that the encoder would look into (dataclasses, sets, …) as plain values; all else as it is."""
        if not (isinstance(value, (Mapping, set, frozenset, str)) or _has_fields(value)):
            return value
        plain = clean(value)[0]
        redacted = self.value(plain, depth + 1)
        return value if redacted is plain else redacted


@lru_cache(maxsize=512)
def _fields_of(
    kind: type[msgspec.Struct], more: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, bool], ...]]:
    """The fields of a struct that name what stands beside them, and those that are searched, with their secrecy."""
    fields = kind.__struct_fields__
    return (
        tuple(name for name in _PAIR_NAMES if name in fields),
        tuple((name, is_secret_name(name, more)) for name in fields if name not in _NOT_SEARCHED),
    )


def _masked(value: Any) -> Any:
    """Whether there is a secret may be told; that it is empty, too."""
    return value if value is True or value is False or value in _TELLS_NOTHING else MASK


_PAIR_NAMES = ("key", "name", "param", "parameter", "header", "variable")
_PAIR_VALUES = ("value", "val", "default")
_TELLS_NOTHING = ("", "true", "false", MASK)
_PLAIN = frozenset({int, float, bool, type(None), msgspec.UnsetType})


def _has_fields(value: Any) -> bool:
    kind = type(value)
    return hasattr(kind, "__dataclass_fields__") or hasattr(kind, "__attrs_attrs__")
