"""Data lineage that happens by itself: OpenLineage events from plain Python functions, blocks and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineage_kit.client.client import OpenLineageClient
    from lineage_kit.client.options import OpenLineageClientOptions
    from lineage_kit.event.model import (
        Dataset,
        DatasetEvent,
        InputDataset,
        Job,
        JobEvent,
        OutputDataset,
        Run,
        RunEvent,
        RunState,
    )
    from lineage_kit.lifecycle.active import ActiveRun, current_run
    from lineage_kit.lifecycle.faces import lineage_job, run
    from lineage_kit.lifecycle.logs import log_filter
    from lineage_kit.lifecycle.parent import attach
    from lineage_kit.lifecycle.travel import propagate
    from lineage_kit.session import configure, flush, status
    from lineage_kit.transport.base import Transport
    from lineage_kit.transport.http.auth import TokenProvider

    __version__: str

_HOMES = {
    "client.client": ("OpenLineageClient",),
    "client.options": ("OpenLineageClientOptions",),
    "event.model": (
        "Dataset",
        "DatasetEvent",
        "InputDataset",
        "Job",
        "JobEvent",
        "OutputDataset",
        "Run",
        "RunEvent",
        "RunState",
    ),
    "lifecycle.active": ("ActiveRun", "current_run"),
    "lifecycle.faces": ("lineage_job", "run"),
    "lifecycle.logs": ("log_filter",),
    "lifecycle.parent": ("attach",),
    "lifecycle.travel": ("propagate",),
    "session": ("configure", "flush", "status"),
    "transport.base": ("Transport",),
    "transport.http.auth": ("TokenProvider",),
}
_EXTENSION = dict.fromkeys(("load_ipython_extension", "unload_ipython_extension"), "notebook.extension")
"""What IPython looks for; no names for people."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names} | _EXTENSION

__all__ = [
    "ActiveRun",
    "Dataset",
    "DatasetEvent",
    "InputDataset",
    "Job",
    "JobEvent",
    "OpenLineageClient",
    "OpenLineageClientOptions",
    "OutputDataset",
    "Run",
    "RunEvent",
    "RunState",
    "TokenProvider",
    "Transport",
    "attach",
    "configure",
    "current_run",
    "flush",
    "lineage_job",
    "log_filter",
    "propagate",
    "run",
    "status",
]


def __getattr__(name: str) -> Any:
    """Load a public name from its home when it is first asked for, so that the import costs what is used."""
    from importlib import import_module

    if name == "__version__":
        return import_module("lineage_kit.event.facet").VERSION
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'lineage_kit' has no attribute {name!r}")
    value = getattr(import_module(f"lineage_kit.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
