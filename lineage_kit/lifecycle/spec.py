"""What a decorator or a block was told: immutable, picklable, shared by all runs it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any
from unicodedata import category

import msgspec

from lineage_kit.errors import UsageError
from lineage_kit.event.facet import BaseFacet
from lineage_kit.lifecycle.arguments.declared import Declared, check_fields, check_template
from lineage_kit.lifecycle.arguments.parameters import Parameters
from lineage_kit.lifecycle.arguments.template import MAX_TEXT, Template, has_fields, parse
from lineage_kit.lifecycle.outcome.safe_text import safe_text
from lineage_kit.strangers import full_type_name, is_a, is_kind_of, plain_text

MAX_NAME = 1000  # characters
MAX_TAGS = 1000
MAX_KEY = 200
MAX_TAG_KEY = 1000
MAX_TAG_VALUE = 4096


_NEVER_IN_NAMES = (
    "Cc",
    "Cs",
    "Zl",
    "Zp",
)  # control characters, lone surrogates, line and paragraph separators
_TURNS_TEXT_AROUND = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset(("Cf", "Zs", "Mn"))


class JobSpec(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """The settings of one job. ``job.lineage`` on a decorated function is one of these.

    name: the job's name, or a template over the arguments. base_name: what it is called when a template cannot be.
    A cache of what was prepared from it hangs in ``__dict__``, which neither compares nor pickles.
    """

    name: str | Template
    base_name: str
    namespace: str | None = None
    inputs: Declared = Declared()
    outputs: Declared = Declared()
    nominal_time: Any = None
    description: str | None = None
    tags: dict[str, str] = msgspec.field(default_factory=dict)  # of the job
    run_tags: dict[str, str] = msgspec.field(default_factory=dict)
    owners: tuple[str, ...] = ()
    captured: tuple[str, ...] = ()  # names of the arguments shown in executionParameters
    run_facets: dict[str, Any] = msgspec.field(default_factory=dict)
    job_facets: dict[str, Any] = msgspec.field(default_factory=dict)
    parameters: Parameters = Parameters()
    source: str | None = None  # the file it is written in

    @property
    def needs_values(self) -> bool:
        """True when a call's arguments must be looked at."""
        return bool(
            self.captured
            or isinstance(self.name, Template)
            or self.nominal_time is not None
            or len(self.inputs.items) != len(self.inputs.constant)
            or len(self.outputs.items) != len(self.outputs.constant)
        )


def read_name(name: str | None, default: str, parameters: Parameters) -> str | Template:
    """A job name or a template for one. Raises `UsageError` for what can never be a name."""
    if name is None:
        return default
    if not isinstance(name, str):
        raise UsageError(f"a job name is a text, not {type(name).__name__}")
    check_name(name)
    if not has_fields(name):
        return name
    template = parse(name)
    check_template(template, parameters, "the name of a job")
    return template if template.fields else "".join(str(part) for part in template.parts)


def check_name(name: str) -> None:
    """Raise `UsageError` for a name that cannot be one.

    That is one over 1,000 characters, one with nothing to see, and one with control characters, line ends or marks
    that turn the text after them around. What languages and emoji are written with (joiners, spaces of any width,
    variation selectors) is welcome.
    """
    if len(name) > MAX_NAME:
        raise UsageError(f"a job name has at most {MAX_NAME} characters, this one has more")
    if not name.strip():
        raise UsageError("a job name cannot be empty")
    if name.isprintable():
        return
    kinds = {category(character) for character in name}
    if not kinds.isdisjoint(_NEVER_IN_NAMES) or not _TURNS_TEXT_AROUND.isdisjoint(name):
        raise UsageError(
            f"the job name {name[:80]!r} holds a newline, a control character or one that turns text around"
        )
    if kinds <= _UNSEEN:
        raise UsageError(f"the job name {name[:80]!r} cannot be empty: nothing of it is seen")


def read_namespace(given: Any) -> str | None:
    """A namespace as text; None stays None. Raises `UsageError`."""
    if given is None:
        return None
    text = plain_text(given, MAX_NAME + 1) if is_a(given, str) else ""
    if not text.strip() or len(text) > MAX_NAME:
        raise UsageError(f"namespace is a text of at most {MAX_NAME} characters that is not empty")
    return text


def read_tags(tags: Any) -> dict[str, str]:
    """Tags as a mapping of texts; a bare list means ``true`` for each. Raises `UsageError`."""
    if tags is None:
        return {}
    if is_a(tags, str):
        return {safe_text(tags, MAX_TAG_KEY): "true"}
    if is_a(tags, bytes):
        raise UsageError("tags is a mapping of key to value or a list of keys, not bytes")
    if is_kind_of(tags, Mapping):
        pairs = islice(tags.items(), MAX_TAGS)
        return {safe_text(key, MAX_TAG_KEY): tag_text(value) for key, value in pairs}
    try:
        return {safe_text(key, MAX_TAG_KEY): "true" for key in islice(tags, MAX_TAGS)}
    except TypeError:
        raise UsageError(
            f"tags is a mapping of key to value or a list of keys, not {full_type_name(tags)}"
        ) from None


def tag_text(value: Any) -> str:
    """The text of a tag's value; truth values in lower case."""
    return str(value).lower() if type(value) is bool else safe_text(value, MAX_TAG_VALUE)


def read_owners(owners: str | Iterable[str] | None) -> tuple[str, ...]:
    """Owners as texts. Raises `UsageError`."""
    if owners is None:
        return ()
    several = (owners,) if isinstance(owners, str) or not isinstance(owners, Iterable) else tuple(owners)
    for owner in several:
        if type(owner) is not str or not owner.strip():
            raise UsageError(f"owners is a text such as 'team:shop', or several of them, not {owner!r:.80}")
    return several


def facet_key(given: Any) -> str | None:
    """A key that a facet is filed under, or None. Raises `UsageError` for what cannot be one."""
    if given is None:
        return None
    text = plain_text(given, MAX_KEY + 1) if is_a(given, str) else ""
    if not text or len(text) > MAX_KEY or not text.isprintable():
        raise UsageError(f"the key of a facet is a text of 1 to {MAX_KEY} printable characters")
    return text


def sort_facets(facets: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facets given to a decorator or block, as (run facets, job facets), by what each of them hangs on."""
    if facets is None:
        return {}, {}
    keyed = facets.items() if isinstance(facets, Mapping) else ((None, facet) for facet in _several(facets))
    homes: dict[str, dict[str, Any]] = {"run": {}, "job": {}}
    for key, facet in keyed:
        home = getattr(facet, "facet_home", None)
        if not isinstance(facet, BaseFacet) or home not in homes:
            raise UsageError(
                f"facets takes run facets and job facets of lineage_kit.facets, not {_what(facet)}"
            )
        homes[home][facet_key(key) or facet.facet_key] = facet
    return homes["run"], homes["job"]


def captured_names(
    capture: bool | Iterable[str] | None, fields: Iterable[str], parameters: Parameters
) -> tuple[str, ...]:
    """Which arguments ``executionParameters`` shows: those of templates, all, those named, or none."""
    if capture is False:
        return ()
    own = ("self", "cls")
    if capture is None:
        return tuple(dict.fromkeys(name for name in fields if name not in own))
    if capture is True:
        return tuple(name for name in parameters.names if name not in own)
    return _named(capture, parameters)


def _named(capture: Any, parameters: Parameters) -> tuple[str, ...]:
    if not isinstance(capture, (str, list, tuple, set, frozenset)):
        raise UsageError(f"capture_args is True, False or names of parameters, not {type(capture).__name__}")
    names = (capture,) if isinstance(capture, str) else tuple(capture)
    for name in names:
        if not isinstance(name, str) or not name.isidentifier():
            raise UsageError(f"capture_args takes names of parameters, not {name!r:.80}")
        check_template(parse(f"{{{name}}}"), parameters, "capture_args")
    return names


def check_spec(spec: JobSpec, place: str) -> None:
    """Raise `UsageError` for declarations that no call can resolve."""
    check_fields(spec.inputs, spec.parameters, "inputs", place)
    check_fields(spec.outputs, spec.parameters, "outputs", place)
    for moment in moments(spec.nominal_time):
        if isinstance(moment, Template):
            check_template(moment, spec.parameters, f"nominal_time of {place}")


def moments(nominal_time: Any) -> tuple[Any, ...]:
    """What was read as nominal time, one by one: a pair is start and end."""
    return nominal_time if type(nominal_time) is tuple else (nominal_time,)


def read_nominal_time(given: Any) -> Any:
    """A template, a callable, or a date, time or text that is the same for every run; or a pair, start and end.

    Raises `UsageError`.
    """
    if given is None or not is_a(given, (tuple, list)):
        return None if given is None else _read_moment(given)
    pair = tuple(islice(given, 3))
    if len(pair) != 2:
        raise UsageError("a nominal_time of several parts is a pair, (start, end)")
    return tuple(map(_read_moment, pair))


def _read_moment(given: Any) -> Any:
    if is_a(given, str):
        given = plain_text(given, MAX_TEXT + 1)
        if len(given) > MAX_TEXT:
            raise UsageError(f"nominal_time has at most {MAX_TEXT} characters")
        if has_fields(given):
            return parse(given)
    if callable(given) or isinstance(given, str) or hasattr(given, "isoformat"):
        return given
    raise UsageError(
        "nominal_time takes a date, an ISO text, a template, a callable, or a pair of them, "
        f"not {type(given).__name__}"
    )


def _several(facets: Any) -> Iterable[Any]:
    return facets if isinstance(facets, (list, tuple, set)) else (facets,)


def _what(facet: Any) -> str:
    home = getattr(facet, "facet_home", None)
    return f"a {home} facet ({type(facet).__name__})" if home else type(facet).__name__


NominalTime = Template | Callable[..., Any] | str
