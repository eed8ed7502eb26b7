"""The job names of one function whose name is a template: few, stable, and else the base name.

A date, a float or an id in a name would make a new job of every run, and so would an endless list of names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from numbers import Integral, Number
from typing import Any

from lineage_kit import report
from lineage_kit.errors import LineageError
from lineage_kit.lifecycle.arguments.template import Template, Unresolved, is_date, text_of
from lineage_kit.lifecycle.spec import check_name
from lineage_kit.naming import fold
from lineage_kit.strangers import full_type_name, is_a, is_kind_of, module_of

MAX_NAMES = 200

_UUID = re.compile(
    r"(?<![0-9a-z])[0-9a-f]{8}(-?)(?:[0-9a-f]{4}\1){3}[0-9a-f]{12}(?![0-9a-z])", re.IGNORECASE
).search


class NameFamily:
    """The names that the template of one spec has given its jobs so far, at most `MAX_NAMES`."""

    __slots__ = ("_admitted", "_asked", "_base", "_template")

    def __init__(self, template: Template, base_name: str) -> None:
        self._base = base_name
        self._template = template
        self._asked: dict[str, None] = {}
        self._admitted: set[str] = set()

    def name(self, values: Mapping[str, Any]) -> str:
        """The name of the job of one call; the base name, and one warning, where it would not be a stable one."""
        template = self._template
        try:
            name = "".join(
                part if isinstance(part, str) else identity(*part.read(values), part.spec)
                for part in template.parts
            )
            check_name(name)
            self._admit(name)
        except LineageError as error:
            base = self._base
            report.problem(
                f"name:{base}", f"the job name {template.text!r} is replaced by {base!r}: {error}", once=True
            )
            return base
        return name

    def _admit(self, name: str) -> None:
        """Raise `Unresolved` for a name too many.

        Without a lock, which a fork could leave held: a dict keeps its order, and its first names are never removed.
        """
        if name in self._admitted:
            return
        asked = self._asked
        asked.setdefault(name)
        if name not in list(asked)[:MAX_NAMES]:
            asked.pop(name, None)
            raise Unresolved(f"it gave more than {MAX_NAMES} names, and a job is what stays the same")
        self._admitted.add(name)


def identity(value: Any, dated: bool, spec: str) -> str:
    """The text of a value in a job name; refuses what differs from run to run, in whatever form: dates, floats, ids."""
    text = "" if dated or _is_unstable(value) else text_of(value, spec)
    if not text or (not is_a(value, int) and (_UUID(text) or _has_date(text))):
        raise Unresolved(f"a {full_type_name(value)} such as a date or id makes a new job of every run")
    return text


def _is_unstable(value: Any) -> bool:
    if is_a(value, Enum):
        return False  # its text is judged
    is_real = is_kind_of(value, Number) and not is_kind_of(value, Integral)
    return is_real or module_of(type(value)) == "uuid"


def _has_date(text: str) -> bool:
    """Whether there is a date in the text that would fold away in a path."""
    folds = "=" not in text and "*" not in text and "*" in fold("file", f"x/{text}/x")
    return folds or is_date(text)
