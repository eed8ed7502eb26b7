"""The settings: every section and key with its type and default, frozen.

A key's place here is its path in ``openlineage.yml``, and its path is the name of its variable:
``delivery.exit_timeout`` is ``OPENLINEAGE__DELIVERY__EXIT_TIMEOUT``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec

from lineage_kit.config.problems import nearest, show
from lineage_kit.config.tree import CODE, Section, masked
from lineage_kit.config.typed import Raw
from lineage_kit.errors import ConfigError

MIB = 1024 * 1024
TRIMMERS = ("KeyValueTrimmer", "DateTrimmer", "MultiDirDateTrimmer", "YearMonthTrimmer")
"""What the existing client calls its built-in trimmers: the first is for partitions, the others are for dates."""

Seconds = Annotated[float, msgspec.Meta(ge=0)]
Name = Annotated[str, msgspec.Meta(min_length=1)]


class SourceCodeLocation(msgspec.Struct, frozen=True, kw_only=True):
    """``facets.source_code_location``: where the job's code lives. What is given replaces what git says."""

    disabled: bool = False
    repo_url: str | None = None
    version: str | None = None
    tag: str | None = None
    branch: str | None = None
    pull_request_number: str | None = None


class Facets(msgspec.Struct, frozen=True, kw_only=True):
    """``facets``: what is added to events. `environment_variables` lists names whose values may leave the process."""

    environment_variables: tuple[str, ...] = ()
    source_code_location: SourceCodeLocation = SourceCodeLocation()


class ExactFilter(msgspec.Struct, frozen=True, tag_field="type", tag="exact"):
    """Leaves out the events of the job with exactly this name."""

    match: Name

    def matches(self, job_name: str) -> bool:
        """Whether events of this job are left out."""
        return job_name == self.match


class RegexFilter(msgspec.Struct, frozen=True, tag_field="type", tag="regex"):
    """Leaves out the events of jobs whose name begins with a match of this expression."""

    regex: re.Pattern[str]

    def matches(self, job_name: str) -> bool:
        """Whether events of this job are left out."""
        return self.regex.match(job_name) is not None


class Tags(msgspec.Struct, frozen=True, kw_only=True):
    """``tags``: added to every job and every run. Values are text, whatever they look like."""

    job: dict[str, str] = {}
    run: dict[str, str] = {}


class DatasetSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``dataset``: how dates and partitions are taken out of dataset names."""

    reducing_enabled: bool = True
    disabled_trimmers: tuple[str, ...] = ()
    extra_trimmers: tuple[str, ...] = ()

    @classmethod
    def faults(cls, given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Trimmers of one's own that cannot be imported or are none, and built-in ones that do not exist."""
        from lineage_kit.config.dotted import load_trimmer

        for dotted in given.get("extra_trimmers", ()):
            try:
                load_trimmer(dotted)
            except ConfigError as error:
                yield "extra_trimmers", str(error)
        for name in given.get("disabled_trimmers", ()):
            short = name.rpartition(".")[2]
            if short not in TRIMMERS:
                near = nearest(short, TRIMMERS)
                hint = f"did you mean {near!r}? There are" if near else "there are"
                yield "disabled_trimmers", f"there is no trimmer {show(name)}; {hint} {', '.join(TRIMMERS)}"


class JournalSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``delivery.journal``: events on disk until they are delivered. ``journal: false`` is `enabled` alone.

    enabled: None means for every network destination, but not under pytest. directory: None means ``journal`` in the
    state directory. max_bytes: None means one GiB, or a tenth of the file system where that is less.
    """

    enabled: bool | None = None
    directory: Name | None = None
    max_bytes: Annotated[int, msgspec.Meta(ge=64 * 1024)] | None = None
    sync: Literal["never", "always"] = "never"


class DeliverySettings(msgspec.Struct, frozen=True, kw_only=True):
    """``delivery``: when events are sent. Times in seconds, memory in bytes."""

    mode: Literal["background", "direct"] = "background"
    exit_timeout: Seconds = 2.0
    memory_limit: Annotated[int, msgspec.Meta(ge=64 * 1024)] = 16 * MIB
    budget: Seconds = 1.0
    retry_longest: Annotated[float, msgspec.Meta(gt=0)] = 60.0
    on_sigterm: Literal["none", "abort"] = "none"
    on_crash: Literal["abort", "fail", "none"] = "abort"
    journal: JournalSettings = JournalSettings()


class RedactSettings(msgspec.Struct, frozen=True, kw_only=True):
    """``redact``: what is masked in events besides what always is. ``redact: false`` is `enabled` alone."""

    enabled: bool = True
    patterns: tuple[re.Pattern[str], ...] = ()
    keys: tuple[str, ...] = ()


class Sections(msgspec.Struct, frozen=True, kw_only=True):
    """What a configuration can say, section by section."""

    disabled: bool = False
    namespace: Name = "default"
    namespaces: dict[str, str] = {}
    producer: Name | None = None
    transport: Raw = None
    facets: Facets = Facets()
    filters: tuple[ExactFilter | RegexFilter, ...] = ()
    tags: Tags = Tags()
    dataset: DatasetSettings = DatasetSettings()
    delivery: DeliverySettings = DeliverySettings()
    redact: RedactSettings = RedactSettings()
    capture: dict[str, Any] = {}
    notice: Literal["auto", "never", "always"] = "auto"
    heartbeat: Seconds = 0.0
    logging: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] | None = None


class Settings(Sections, frozen=True, kw_only=True):
    """Everything that is configured, and where each value came from.

    `transport` is None when nothing is configured, else the mapping as it was written, ``type`` included, with the
    credentials in it; no repr shows them. `sources` maps paths such as ``$.transport.url`` to a file and line, a
    variable's name or ``code``; what is not in it has its default. `file` is the configuration file that was read,
    `searched` where one was looked for.
    """

    transport: Section | None = None
    sources: dict[str, str] = {}
    file: str | None = None
    searched: tuple[str, ...] = ()

    @property
    def transport_from_code(self) -> bool:
        """Whether the transport was chosen in Python rather than by a file or variable."""
        return self.transport is not None and self.sources.get("$.transport.type") == CODE

    def __repr__(self) -> str:
        shown = []
        for name in self.__struct_fields__:
            value = getattr(self, name)
            safe = masked(value) if isinstance(value, (str, dict)) and name != "sources" else value
            shown.append(f"{name}={safe!r}")
        return f"Settings({', '.join(shown)})"
