"""Base facets: the producer and schema URL every facet carries, the key it is filed under, the thing it hangs on.

A facet of one's own takes three lines::

    class RowQualityRunFacet(RunFacet, key="rowQuality", schema="https://example.com/RowQuality.json"):
        bad_rows: int
        checked: int = 0

Source: OpenLineage 2-0-2, ``$defs/BaseFacet`` and the five bases that extend it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, ClassVar, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from lineage_kit.errors import EventError

VERSION = "0.1.0"
PRODUCER = f"https://github.com/lineage-kit/lineage-kit/tree/{VERSION}/lineage_kit"
CORE_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/"
FACET_SCHEMAS = "https://openlineage.io/spec/facets/"

Home = Literal["run", "job", "dataset", "input", "output"]
T = TypeVar("T")
Maybe: TypeAlias = T | UnsetType  # a field that is left out of the JSON unless it was set

# Texts with a format: read by `lineage_kit.event.shapes`; a struct does not check them when it is built.
DateTime = Annotated[str, msgspec.Meta(extra={"format": "date-time"})]
Uri = Annotated[str, msgspec.Meta(extra={"format": "uri"})]
Uuid = Annotated[str, msgspec.Meta(extra={"format": "uuid"})]

REGISTRY: dict[tuple[str, str], type[BaseFacet]] = {}
"""(home, key) → class, of every facet class with a key that was imported."""


_SUFFIXES = ("InputDatasetFacet", "OutputDatasetFacet", "DatasetFacet", "RunFacet", "JobFacet", "Facet")


def _key_from_name(name: str) -> str:
    """``RowQualityRunFacet`` → ``rowQuality``."""
    for suffix in _SUFFIXES:
        if name.endswith(suffix) and name != suffix:
            name = name.removesuffix(suffix)
            break
    return name[:1].lower() + name[1:]


class FacetMeta(msgspec.StructMeta):
    """Reads ``key`` and ``schema`` from the class statement.

    The schema URL differs by class but must not take a position in the constructor, so that
    ``SQLJobFacet("select 1")`` works: it becomes a keyword-only field of a base of its own.
    """

    def __new__(
        mcs,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        key: str | None = None,
        schema: str | None = None,
        **config: Any,
    ) -> Any:
        """Make the class, with a base of its own that holds the schema URL."""
        if schema is not None:
            head = {
                "__module__": namespace["__module__"],
                "__qualname__": f"{name}Schema",
                "__annotations__": {"schemaURL": str},
                "schemaURL": schema,
            }
            bases = (super().__new__(mcs, f"{name}Schema", bases, head, kw_only=True),)
        return super().__new__(mcs, name, bases, namespace, **config)

    def __init__(
        cls,  # noqa: N805 - what is initialised is a class
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        key: str | None = None,
        schema: str | None = None,
        **config: Any,
    ) -> None:
        super().__init__(name, bases, namespace)
        cls.facet_key = key or _key_from_name(name)
        if key is not None:
            REGISTRY.setdefault((cls.facet_home, key), cls)  # type: ignore[arg-type,attr-defined]


class BaseFacet(
    msgspec.Struct,
    metaclass=FacetMeta,
    kw_only=True,
    rename={"producer": "_producer", "schemaURL": "_schemaURL", "deleted": "_deleted"},
):
    """What every facet carries. ``facet_key`` is its name in the ``facets`` object, ``facet_home`` says whose."""

    facet_key: ClassVar[str]
    facet_home: ClassVar[Home] = "run"

    producer: str = PRODUCER
    schemaURL: str = CORE_SCHEMA + "BaseFacet"


class RunFacet(BaseFacet, schema=CORE_SCHEMA + "RunFacet"):
    """A facet of a run (``run.facets``)."""

    facet_home: ClassVar[Home] = "run"


class JobFacet(BaseFacet, schema=CORE_SCHEMA + "JobFacet", kw_only=True):
    """A facet of a job (``job.facets``); ``deleted`` asks a backend to forget it."""

    facet_home: ClassVar[Home] = "job"

    deleted: bool | UnsetType = UNSET


class DatasetFacet(BaseFacet, schema=CORE_SCHEMA + "DatasetFacet", kw_only=True):
    """A facet of a dataset (``dataset.facets``); ``deleted`` asks a backend to forget it."""

    facet_home: ClassVar[Home] = "dataset"

    deleted: bool | UnsetType = UNSET


class InputDatasetFacet(BaseFacet, schema=CORE_SCHEMA + "InputDatasetFacet"):
    """A facet of a dataset as input of one run (``inputs[].inputFacets``)."""

    facet_home: ClassVar[Home] = "input"


class OutputDatasetFacet(BaseFacet, schema=CORE_SCHEMA + "OutputDatasetFacet"):
    """A facet of a dataset as output of one run (``outputs[].outputFacets``)."""

    facet_home: ClassVar[Home] = "output"


def require_one_of(part: object, name: str, allowed: Iterable[str]) -> None:
    """Raise `EventError` unless the field is one of the `allowed` texts; the message names the nearest."""
    value = getattr(part, name)
    if isinstance(value, str) and value in allowed:
        return
    import difflib

    near = difflib.get_close_matches(str(value).upper(), list(allowed), 1) if isinstance(value, str) else []
    shown = repr(value)[:80] if isinstance(value, str) else f"an object of type {type(value).__name__}"
    hint = f"; did you mean {near[0]}?" if near else ""
    raise EventError(f"{type(part).__name__}.{name} {shown} is none of {', '.join(allowed)}{hint}")


def require_together(part: object, *names: str) -> None:
    """Raise `EventError` when some, but not all, of the fields were given."""
    missing = [name for name in names if getattr(part, name) in (UNSET, None)]
    if missing and len(missing) < len(names):
        raise EventError(
            f"{type(part).__name__} needs {' and '.join(names)} together; {missing[0]} is missing"
        )
