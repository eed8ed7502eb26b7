"""Settings: read once from code, environment and file, checked, frozen.

`lineage_kit.config.load.load` gives the `Settings`. What is named here is for transports, which declare their options
themselves; it is imported on use, because whoever asks one variable of `env` should not pay for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lineage_kit.config.model import Settings
    from lineage_kit.config.notyet import not_yet
    from lineage_kit.config.tree import Scalar, Section, masked, origin_of, plain
    from lineage_kit.config.typed import Raw, convert

__all__ = ["Raw", "Scalar", "Section", "Settings", "convert", "masked", "not_yet", "origin_of", "plain"]

_HOMES = {
    **dict.fromkeys(("Raw", "convert"), "typed"),
    **dict.fromkeys(("Scalar", "Section", "masked", "origin_of", "plain"), "tree"),
    "Settings": "model",
    "not_yet": "notyet",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
