"""The namespace and name that each URL scheme gives, after the naming table of the OpenLineage specification."""

from __future__ import annotations

import re
from collections.abc import Callable

from lineage_kit.errors import NamingError
from lineage_kit.naming import databases
from lineage_kit.naming.urls import OBJECT_STORES, Url, address_of, is_url, split, unquote

__all__ = ["is_url", "locate_url"]

_S3_HOST = r"(?:(?P<bucket>.+?)\.)?s3(?:[.-][a-z0-9.-]+)?\.amazonaws\.com(?:\.cn)?"
_GOOGLE_HOST = r"(?:(?P<bucket>.+)\.)?storage\.(?:googleapis|cloud\.google)\.com"
_DEFAULT_PORTS = {"http": "80", "https": "443", "hdfs": "8020", "kafka": "9092"}


def locate_url(text: str) -> tuple[str, str]:
    """Namespace and name of a URL (fields masked). Raises NamingError, which never quotes a credential."""
    if text[:4].lower() == "arn:":
        return _arn(text)
    url = split(text)
    platform = databases.platform_of(url.scheme)
    if platform is not None:
        return _database(platform, url)
    if url.scheme in OBJECT_STORES:
        return _object_store(url)
    return _HANDLERS.get(url.scheme, _elsewhere)(url)


def _database(platform: str, url: Url) -> tuple[str, str]:
    if platform in ("duckdb", "sqlite"):
        raise NamingError(
            f"a {platform} URL names a database but no table: "
            f"write Dataset.table('{url.scheme}://{url.path[:200]}', 'orders')"
        )
    address = address_of(platform, url)
    place = databases.server(address)
    parts = databases.bigquery_parts(address) if platform == "bigquery" else address.parts
    return place.namespace, databases.located(place, parts, address.options, url.shown)


def _object_store(url: Url) -> tuple[str, str]:
    scheme = OBJECT_STORES[url.scheme]
    bucket = url.host + (f":{url.port}" if url.port else "")
    if not bucket and not url.container:
        raise NamingError(f"{url.scheme}:// needs a bucket or container: {url.scheme}://bucket/key")
    namespace = f"{scheme}://{url.container}@{bucket.lower()}" if url.container else f"{scheme}://{bucket}"
    return namespace, url.path.strip("/") or "/"


def _file(url: Url) -> tuple[str, str]:
    path = unquote(url.path)
    if re.match(r"/[A-Za-z]:(?:[/\\]|$)", path):
        path = path[1].upper() + path[2:].replace("\\", "/")
    host = url.host.lower()
    return ("file" if host in ("", "localhost") else f"file://{host}"), _trimmed(path)


def _trimmed(path: str) -> str:
    return path.rstrip("/") or "/"


def _folders(url: Url) -> tuple[str, str]:
    """HDFS and the like: names keep their first slash, and without a host the scheme is the namespace."""
    if not url.host:
        return url.scheme, _trimmed(url.path)
    port = url.port or _DEFAULT_PORTS.get(url.scheme, "")
    return f"{url.scheme}://{url.host.lower()}" + (f":{port}" if port else ""), _trimmed(url.path)


def _web(url: Url) -> tuple[str, str]:
    """A page, or the object, table or collection whose address on the web it is."""
    host = url.host.lower()
    if amazon := re.fullmatch(_S3_HOST, host):
        return _bucket("s3", amazon["bucket"], url)
    if google := re.fullmatch(_GOOGLE_HOST, host):
        return _bucket("gs", google["bucket"], url)
    for domain, name in _DOMAINS:
        if host.endswith(domain):
            return name(url)
    port = "" if url.port == _DEFAULT_PORTS[url.scheme] else url.port
    return f"{url.scheme}://{_needed(url)}" + (f":{port}" if port else ""), _trimmed(url.path)


def _bucket(scheme: str, bucket: str | None, url: Url) -> tuple[str, str]:
    """An object whose bucket stands in the host or, where it does not, at the beginning of the path."""
    path = unquote(url.path).strip("/")
    if not bucket:
        bucket, _, path = path.partition("/")
    if not bucket:
        raise NamingError(f"{url.shown!r} names no bucket")
    return f"{scheme}://{bucket}", path or "/"


def _azure(url: Url) -> tuple[str, str]:
    container, _, key = unquote(url.path).strip("/").partition("/")
    if not container:
        raise NamingError(f"{url.shown!r} names no container")
    scheme = "wasbs" if ".blob." in url.host.lower() else "abfss"
    return f"{scheme}://{container}@{url.host.lower()}", key or "/"


def _kusto(url: Url) -> tuple[str, str]:
    return _database("kusto", url)


def _needed(url: Url) -> str:
    if not url.host:
        raise NamingError(f"{url.scheme}:// needs a host: {url.scheme}://host/path")
    return url.host.lower()


def _cosmos(url: Url) -> tuple[str, str]:
    parts = url.path.strip("/").split("/")
    if len(parts) != 4 or parts[0] != "dbs" or parts[2] != "colls":
        raise NamingError(
            f"{url.shown!r}: a Cosmos DB container is azurecosmos://host/dbs/database/colls/container"
        )
    return f"azurecosmos://{_needed(url)}/dbs/{parts[1]}", f"colls/{parts[3]}"


def _topic(url: Url) -> tuple[str, str]:
    if not url.path.strip("/"):
        raise NamingError(f"{url.shown!r} names no topic: kafka://broker:9092/topic")
    return f"kafka://{_needed(url)}:{url.port or _DEFAULT_PORTS['kafka']}", url.path.strip("/")


def _pubsub(url: Url) -> tuple[str, str]:
    parts = [part for part in f"{url.host}{url.path}".split("/") if part]
    if len(parts) == 4 and parts[0] == "projects" and parts[2] in ("topics", "subscriptions"):
        return "pubsub", f"{parts[2].removesuffix('s')}:{parts[1]}:{parts[3]}"
    raise NamingError(
        f"{url.shown!r}: a Pub/Sub topic is pubsub://projects/PROJECT/topics/TOPIC (or subscriptions)"
    )


def _memory(url: Url) -> tuple[str, str]:
    name = f"{url.host}{url.path}".strip("/")
    if not name:
        raise NamingError("an in-memory dataset needs a name: inmemory://name")
    return "inmemory://", name


def _documents(url: Url) -> tuple[str, str]:
    area, _, key = url.path.strip("/").partition("/")
    if not area:
        raise NamingError(f"{url.shown!r}: write {url.scheme}://host:port/repository/document")
    return f"{url.scheme}://{_needed(url)}:{url.port or '443'}/{area}", key or "/"


def _elsewhere(url: Url) -> tuple[str, str]:
    """A scheme that no table knows: its authority is the namespace, its path the name."""
    from difflib import get_close_matches

    if len(url.scheme) > 4 and (near := get_close_matches(url.scheme.partition("+")[0], _KNOWN, 1, 0.87)):
        raise NamingError(f"{url.scheme}:// is no scheme we know; did you mean {near[0]}://?")
    return f"{url.scheme}://{_needed(url)}" + (f":{url.port}" if url.port else ""), _trimmed(url.path)


def _arn(text: str) -> tuple[str, str]:
    parts = text.split(":", 5)
    if len(parts) == 6 and parts[2] == "glue" and re.fullmatch(r"table/[^/]+/[^/]+", parts[5]):
        return ":".join(parts[:5]), parts[5]
    if len(parts) == 6 and parts[2] == "s3" and parts[5]:
        bucket, _, key = parts[5].partition("/")
        return f"s3://{bucket}", key.strip("/") or "/"
    raise NamingError(
        "of ARNs only tables and objects name datasets: arn:aws:glue:REGION:ACCOUNT:table/DATABASE/TABLE, "
        "arn:aws:s3:::BUCKET/KEY"
    )


_DOMAINS: tuple[tuple[str, Callable[[Url], tuple[str, str]]], ...] = (
    (".blob.core.windows.net", _azure),
    (".dfs.core.windows.net", _azure),
    (".kusto.windows.net", _kusto),
    (".documents.azure.com", _cosmos),
)
_HANDLERS: dict[str, Callable[[Url], tuple[str, str]]] = {
    "file": _file, "hdfs": _folders, "dbfs": _folders, "http": _web, "https": _web, "kafka": _topic,
    "pubsub": _pubsub, "inmemory": _memory, "memory": _memory, "azurecosmos": _cosmos,
    "box": _documents, "filenet": _documents, "mssharepoint": _documents,
}  # fmt: skip
_KNOWN = (*_HANDLERS, *OBJECT_STORES, *databases.ROWS, *databases.ALIASES)
