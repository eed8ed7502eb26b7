"""A class of the user's own by its dotted path, or a `ConfigError` that says which part of the path is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from lineage_kit.errors import ConfigError


def load(dotted: str, path: str) -> Any:
    """What ``package.module.Name`` (or ``package.module:Name``) refers to; `path` is the setting, for messages."""
    module_name, _, name = dotted.replace(":", ".").rpartition(".")
    if not module_name or not all(part.isidentifier() for part in (*module_name.split("."), name)):
        raise ConfigError(f"at {path}: {dotted!r} is not the dotted path of a class, such as my_package.my_module.MyClass")
    module = _import(module_name, dotted, path)
    try:
        return getattr(module, name)
    except AttributeError:
        raise ConfigError(
            f"at {path}: module {module_name!r} has no {name!r}{_nearest(name, vars(module))}"
        ) from None


def load_class(dotted: str, path: str, *methods: str) -> type:
    """The class at `dotted`, which must have at least one of `methods`; any base class will do."""
    found = load(dotted, path)
    if not isinstance(found, type):
        raise ConfigError(f"at {path}: {dotted!r} is no class but an object of type {type(found).__name__}")
    if not any(callable(getattr(found, method, None)) for method in methods):
        wanted = " or ".join(f"{method}()" for method in methods)
        near = _nearest(methods[0], vars(found))
        raise ConfigError(f"at {path}: class {dotted!r} has no method {wanted}{near}")
    return found


def _import(module_name: str, dotted: str, path: str) -> ModuleType:
    import importlib

    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        missing = error.name or module_name
        reason = f"there is no module {missing!r}"
        if missing == module_name or module_name.startswith(missing + "."):
            reason += " on the import path (the working directory is on it only under `python -m`)"
    except Exception as error:  # noqa: BLE001 - a user's module may raise anything while it is imported
        reason = f"importing {module_name!r} raised {type(error).__name__}: {str(error)[:200]}"
    raise ConfigError(f"at {path}: cannot import {dotted!r}: {reason}")


def _nearest(name: str, known: Sequence[str] | dict[str, Any]) -> str:
    import difflib

    near = difflib.get_close_matches(name, [known_name for known_name in known if not known_name.startswith("_")], 1)
    return f"; did you mean {near[0]!r}?" if near else ""
