"""Classes of the user's own, named in a configuration by dotted path: found, checked by shape, built.

Whatever goes wrong is a `ConfigError` that says which part of the path or of the class is missing. `place` is where
the setting stands, put in front of every message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import ModuleType
from typing import Any, TypeVar, cast

from lineage_kit.config.problems import (
    HIDDEN,
    MAX_CLASS_PATH,
    UNSHOWN,
    Problems,
    hide_credentials,
    hide_secrets,
    is_hidden,
    is_token,
    nearest,
    shown_key,
)
from lineage_kit.config.tree import origin_of
from lineage_kit.errors import ConfigError, LineageError
from lineage_kit.user_code import own_place

T = TypeVar("T")
MAX_SAID = 200


def fault(text: str, path: str, value: object = None) -> ConfigError:
    """An error about the setting at `path`, with the file and line or variable that `value` was read from."""
    problems = Problems()
    problems.add(text, path, origin_of(value))
    return ConfigError(next(iter(problems)))


def load(dotted: str, path: str) -> Any:
    """What ``package.module.Name`` (or ``package.module:Name``) refers to."""
    module_name, _, name = str(dotted).replace(":", ".").rpartition(".")
    if not module_name or not all(part.isidentifier() for part in (*module_name.split("."), name)):
        raise fault(
            f"{_shown(dotted, path)} is no dotted path of a class, such as my_package.MyClass", path, dotted
        )
    module = _import(module_name, dotted, path)
    found = getattr(module, name, None)
    if found is None:
        text = f"module {module_name!r} has no {name!r}{_hint(name, vars(module))}"
        raise fault(text, path, dotted)
    return found


def load_class(dotted: str, path: str, *methods: str) -> type:
    """The class at `dotted`, which must have at least one of `methods`; any base class will do."""
    found = load(dotted, path)
    if not isinstance(found, type):
        text = f"{str(dotted)!r} is no class but an object of type {type(found).__name__}"
        raise fault(text, path, dotted)
    if not any(callable(getattr(found, method, None)) for method in methods):
        wanted = " or ".join(f"{method}()" for method in methods)
        raise fault(
            f"class {str(dotted)!r} has no method {wanted}{_hint(methods[0], vars(found))}",
            path,
            dotted,
        )
    return found


def load_trimmer(dotted: str, path: str = "") -> Callable[[str], str]:
    """The function from name to name behind a dotted path: a function, or a class or object with ``trim(name)``."""
    found = load(dotted, path)
    if isinstance(found, type):
        if not any("__call__" in vars(base) for base in found.__mro__):
            load_class(dotted, path, "trim")
        found = construct(found, str(dotted), {}, path)
    function: Any = getattr(found, "trim", found)
    if not callable(function):
        text = f"{str(dotted)!r} is no trimmer but an object of type {type(found).__name__}; a trimmer is a function "
        raise fault(f"{text}from name to name, or has a method trim()", path, dotted)
    return cast("Callable[[str], str]", function)


def construct(build: Callable[[], T], name: str, options: Mapping[str, Any], path: str) -> T:
    """What `build` gives: an object of the user's class `name`. Values of secret-looking `options` are not repeated.

    Neither are they in a traceback: the error stands alone, and says itself what was raised and where.
    """
    try:
        return build()
    except LineageError:
        raise
    except Exception as error:
        failure = error
    given = ", ".join(shown_key(str(key), path) for key in options) or "none"
    said = f"{type(failure).__name__}: {_said(failure, options, path)}{own_place(failure)}"
    raise fault(f"{name} cannot be built: {said} (options given: {given})", path, options)


def _said(error: Exception, options: Mapping[str, Any], path: str) -> str:
    """The text of an exception, short, without what is secret in the options it may repeat."""
    said = str(error)
    for value in sorted(_secrets(options, path), key=len, reverse=True):
        said = said.replace(value, HIDDEN)
    return hide_secrets(said)[:MAX_SAID]


def _import(module_name: str, dotted: str, path: str) -> ModuleType:
    import importlib

    try:
        return importlib.import_module(module_name)
    except Exception as error:
        failure = error
    if _is_hidden(dotted, path):  # outside of the handler: a traceback would show the name as its context
        raise fault(f"{UNSHOWN} names no class that can be imported", path, dotted)
    said = hide_credentials(str(failure))[:MAX_SAID]
    reason = f"importing {module_name!r} raised {type(failure).__name__}: {said}"
    if isinstance(failure, ModuleNotFoundError):
        reason = f"there is no module {failure.name!r} on the import path"
    raise fault(f"cannot import {str(dotted)!r}: {reason}", path, dotted) from failure


def _is_hidden(dotted: str, path: str) -> bool:
    return is_hidden(path, str(dotted)) or is_token(dotted) or len(dotted) > MAX_CLASS_PATH


def _shown(dotted: str, path: str) -> str:
    return UNSHOWN if _is_hidden(dotted, path) else repr(str(dotted))


def _secrets(options: Any, path: str) -> Iterator[str]:
    """Every text at any depth that stands under a key which looks secret, or looks like a key itself."""
    if isinstance(options, (Mapping, list, tuple)):
        for key, value in options.items() if isinstance(options, Mapping) else enumerate(options):
            yield from _secrets(value, f"{path}.{key}")
    elif options and (is_hidden(path, "") or is_token(str(options))):
        yield str(options)


def _hint(name: str, known: Iterable[str]) -> str:
    near = nearest(name, [one for one in known if not one.startswith("_")])
    return f"; did you mean {near!r}?" if near else ""
