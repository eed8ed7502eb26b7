"""Code over environment over file over defaults: the one way from all of them to `Settings`."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec import inspect as kinds
from msgspec.structs import asdict, fields

from lineage_kit.config import env, files
from lineage_kit.config.env import FALSE, TRUE
from lineage_kit.config.files.mend import TRANSPORT_KEYS
from lineage_kit.config.merge import expand, merge, sources
from lineage_kit.config.model import Sections, Settings
from lineage_kit.config.notyet import not_yet_capability
from lineage_kit.config.problems import Problems, clip, fold, is_name, nearest, show
from lineage_kit.config.tree import (
    CODE,
    Items,
    Scalar,
    Section,
    as_type,
    from_code,
    from_text,
    is_null,
    origin_of,
)
from lineage_kit.config.typed import Converter

DEFAULT_HTTP = "default_http"
_HTTP = ("http", "async_http")


def load(
    config: Mapping[str, Any] | str | os.PathLike[str] | None = None,
    url: str | None = None,
    environ: env.Environ = None,
    cwd: Path | None = None,
    home: Path | None = None,
    check_transport: Callable[[Any], object] | None = None,
    over: Mapping[str, Any] | None = None,
) -> Settings:
    """Read, merge and check everything that is configured.

    `config` is a mapping in the form of the file, or the path of a file to read instead of looking for one; `url` the
    address of an HTTP backend; `over` a mapping whose sections replace those of `config`. What is given as mapping or
    `url` comes from code and beats the environment, which beats the file. `environ`, `cwd` and `home` are the
    process's own unless given. Where anything is wrong, `check_transport`
    is asked what is wrong with the section ``transport``, whose options are not known here. Raises `ConfigError` that
    tells every problem. Where OPENLINEAGE_DISABLED is true, nothing else is read.
    """
    if env.is_disabled(environ):
        return Settings(disabled=True, sources={"$.disabled": env.DISABLED.name})
    problems = Problems()
    env.check_switches(problems, environ)
    candidates, asked_by = files.places(environ, cwd, home), env.CONFIG.name
    if isinstance(config, (str, os.PathLike)):
        candidates, config, asked_by = [(Path(config).absolute(), True)], None, "config"
    path = files.find(candidates, problems, asked_by)
    tree = (files.read(path, problems) if path is not None else None) or Section()
    tree = _with_environment(tree, environ, problems)
    tree = merge(tree, _from_code(config, over or {}, url, problems))
    tree = expand(tree, lambda name: env.environment_value(name, environ), problems)
    found = dict(sources(tree))
    sections = _checked(tree, problems)
    if problems and check_transport is not None:
        _further(tree.get("transport"), check_transport, problems)
    problems.finish()
    where = tuple(str(place) for place, _ in candidates)
    values = asdict(sections)
    return Settings(**values, sources=found, file=str(path) if path is not None else None, searched=where)


def _further(transport: Any, check: Callable[[Any], object], problems: Problems) -> None:
    """Note what `check` says of a transport that names its type; one that does not has been complained of."""
    if isinstance(transport, Section) and transport.get("type"):
        problems.attempt(partial(check, transport))


def _from_code(config: Any, over: Mapping[str, Any], url: str | None, problems: Problems) -> Section:
    if config is not None and not isinstance(config, Mapping):
        problems.add(f"found {show(config)}, expected a mapping or the path of a file", origin="config")
        config = None
    tree = from_code({**(config or {}), **over})
    if url is None:
        return tree  # type: ignore[no-any-return]
    transport = tree.get("transport")
    if isinstance(transport, Section) and "type" in transport and str(transport["type"]) not in _HTTP:
        problems.add(
            "`url` means HTTP, and the transport given beside it is another; give one of them",
            "$.transport",
            CODE,
        )
    given = Section({"type": "http", "url": url}, CODE)
    tree["transport"] = Section({**given, **transport}, CODE) if isinstance(transport, Section) else given
    return tree  # type: ignore[no-any-return]


def _with_environment(tree: Section, environ: env.Environ, problems: Problems) -> Section:
    """The file's tree with what the variables say on top."""
    layer = _variables(environ, problems)
    merged: Section = merge(tree, layer)
    backend = _backend(environ)
    if backend is not None:
        merged["transport"] = _with_backend(merged.get("transport"), layer.get("transport"), backend)
    return merged


def _variables(environ: env.Environ, problems: Problems) -> Section:
    layer = Section()
    for name, keys, text in env.settings_variables(environ):
        if not all(keys):
            problems.add(
                "two underscores separate the parts of a setting's path; here a part is empty", origin=name
            )
            continue
        value = from_text(text, name)
        _below(layer, keys[:-1], name)[keys[-1]] = as_type(value) if keys[-1] == "type" else value
    for key, variable in (("namespace", env.NAMESPACE), ("logging", env.CLIENT_LOGGING)):
        said = env.value_of(variable, environ)
        if said is not None and (key != "logging" or said.upper() in env.LEVELS):
            layer.setdefault(key, Scalar(said, origin=variable.name))
    return layer


def _below(section: Section, keys: list[str], origin: str) -> Section:
    """The section at this path, made where it is missing."""
    for key in keys:
        below = section.get(key)
        if not isinstance(below, Section):
            below = section[key] = Section((), origin)
        section = below
    return section


def _backend(environ: env.Environ) -> Section | None:
    """The HTTP transport that OPENLINEAGE_URL and the two variables beside it describe."""
    url = env.value_of(env.URL, environ)
    if url is None:
        return None
    section = Section({"type": "http", "url": Scalar(url, origin=env.URL.name)}, env.URL.name)
    endpoint, api_key = env.value_of(env.ENDPOINT, environ), env.value_of(env.API_KEY, environ)
    if endpoint is not None:
        section["endpoint"] = Scalar(endpoint, origin=env.ENDPOINT.name)
    if api_key is not None:
        key = Scalar(api_key, origin=env.API_KEY.name)
        section["auth"] = Section({"type": "api_key", "apiKey": key}, env.API_KEY.name)
    return section


def _with_backend(merged: Any, from_variables: Any, backend: Section) -> Any:
    """OPENLINEAGE_URL beside what else is configured.

    A composite gets it as one destination more. Otherwise it replaces the file's transport, and completes one that
    variables describe; a type they name that is not HTTP stays without it.
    """
    kind = str(merged.get("type")) if isinstance(merged, Section) else ""
    if kind == "composite":
        return _with_destination(merged, backend)
    if not isinstance(from_variables, Section):
        return backend
    if is_null(from_variables.get("type")):
        return merge(backend, from_variables)
    if kind in _HTTP and "url" not in merged:
        return Section({**backend, **merged}, merged.origin)
    return merged


def _with_destination(composite: Section, backend: Section) -> Section:
    children = composite.get("transports")
    result = Section(composite, composite.origin)
    if isinstance(children, Items):
        if not any(isinstance(child, Section) and child.get("name") == DEFAULT_HTTP for child in children):
            named = Section({"name": DEFAULT_HTTP, **backend}, backend.origin)
            result["transports"] = Items([*children, named], children.origin)
    elif isinstance(children, Section) or children is None:
        everything = Section(children or {}, origin_of(children, backend.origin))
        everything.setdefault(DEFAULT_HTTP, backend)
        if not everything[DEFAULT_HTTP]:  # `{}` says: without it
            del everything[DEFAULT_HTTP]
        result["transports"] = everything
    return result


def _checked(tree: Section, problems: Problems) -> Sections:
    tree = _with_shorthands(tree)
    sections = Converter(problems, homes=_homes()).read(tree, kinds.type_info(Sections), "$", "")
    _check_transport(tree.get("transport"), origin_of(tree), problems)
    capture = tree.get("capture")
    if capture and not is_null(capture):
        problems.add(not_yet_capability("capture"), "$.capture", origin_of(capture))
    return sections  # type: ignore[no-any-return]


def _with_shorthands(tree: Section) -> Section:
    """``redact: false`` and ``journal: false`` written out; ``capture: false`` is no capture."""
    tree = Section(tree, tree.origin)
    capture, delivery = tree.get("capture"), tree.get("delivery")
    _write_out(tree, "redact")
    if isinstance(delivery, Section):
        tree["delivery"] = delivery = Section(delivery, delivery.origin)
        _write_out(delivery, "journal")
    if not is_null(capture) and str(capture).lower() in FALSE:
        del tree["capture"]
    return tree


def _write_out(section: Section, key: str) -> None:
    """``key: false`` becomes a section with `enabled`."""
    value = section.get(key)
    if not is_null(value) and str(value).lower() in TRUE | FALSE:
        section[key] = Section({"enabled": value}, origin_of(value))


def _check_transport(transport: Any, origin: str, problems: Problems) -> None:
    if is_null(transport):
        return
    place = "$.transport"
    if not isinstance(transport, Section):
        hint = (
            "; it begins like JSON, which has double quotes and an end" if str(transport)[:1] == "{" else ""
        )
        problems.add(
            f"found {show(transport, place)}, expected a mapping with `type`{hint}",
            place,
            origin_of(transport, origin),
        )
    elif is_null(transport.get("type")) or not str(transport["type"]).strip():
        text = "the key 'type' is missing: which transport is it, such as http, kafka, file or console"
        problems.add(f"{text}{_meant_type(transport)}", place, origin_of(transport, origin))


def _meant_type(transport: Section) -> str:
    """A hint at what was probably meant to be the type."""
    only = next(iter(transport), "")
    if len(transport) == 1 and isinstance(transport[only], Section) and is_name(only):
        return f"; did you mean `type: {only[:40]}` with its options beside it?"
    meant = "kind" if "kind" in transport else nearest("type", list(transport))
    return f"; did you mean it by {clip(meant)}?" if meant else ""


def _homes() -> dict[str, str]:
    """Key → the section it belongs in, for keys that are written one level too high."""
    homes = {fold(key): "transport" for key in TRANSPORT_KEYS}
    for section in fields(Sections):
        below = kinds.type_info(section.type)
        if isinstance(below, kinds.StructType):
            homes.update({fold(field.name): section.name for field in below.fields})
    homes.update({"apikey": "transport.auth", "enabled": "redact", "environmentvariables": "facets"})
    return homes
