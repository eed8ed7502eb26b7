"""What one text stands for: a URL, a path on this machine or a template of either → namespace and name."""

from __future__ import annotations

import os
import re
from typing import NamedTuple

from lineage_kit.errors import NamingError
from lineage_kit.naming.dates import DATE_MARK
from lineage_kit.naming.templates import has_field, mask

LONGEST = 4096  # characters; what file systems call a path ends there, and so do most object keys

_DRIVE = r"[A-Za-z]:(?=[\\/])|[A-Za-z]:$"
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_SECRET = r"\b(?:password|passwd|pwd|accountkey|sharedaccesskey|sharedaccesssignature)\s*="  # noqa: S105 - a pattern
_SUFFIXES = """
7z arff arrow avro bak bin bson bz2 cbor cfg csv dat data db dbf delta dta duckdb edi env fasta
feather geojson gml gpkg gpx grib grib2 gz h5 hdf hdf5 htm html ini ipc ipynb jpeg jpg json json5
jsonl kml kmz lance las log lz4 lzo md mdb model mp3 mp4 msgpack nc ndjson netcdf npy npz onnx orc
parq parquet pb pbf pdf pickle pkl png pt pth rda rdata rds root safetensors sas7bdat sav shp snappy
sql sqlite sqlite3 tar tbl tfrecord tgz tif tiff toml tsv txt vcf wav wkt xls xlsb xlsm xlsx xml xpt
xz yaml yml zarr zip zst
"""


class Located(NamedTuple):
    """Where a dataset is: OpenLineage namespace and name, fields kept in braces when the text was a template.

    Of a template whose place cannot be told before its fields are filled (``{source}``, ``postgres://{dsn}``) the name
    is the whole text and the namespace a guess; the place of any template is that of the text it is filled to.
    """

    namespace: str
    name: str
    is_template: bool


def locate(text: str | bytes | os.PathLike[str] | os.PathLike[bytes]) -> Located:
    """Namespace and name of one URL, local path or template (naming table of the OpenLineage specification).

    A text with a scheme is a URL; with a path separator or a file suffix, a local path (made absolute, ``~``
    expanded). Raises NamingError for a bare word and whatever else names nothing; its text never holds credentials.
    """
    plain = _as_text(text)
    masked = mask(plain)
    body = masked.text
    if masked.fields and _undetermined(body):
        return Located(
            body.partition("://")[0] if "://" in body and not has_field(body[0]) else "file", plain, True
        )
    namespace, name = _url(body) or _local(body)
    if _forbidden(namespace) or _forbidden(name):
        raise NamingError("a name holds a control character once its % escapes are resolved")
    return Located(masked.restore(namespace), masked.restore(name), bool(masked.fields))


def location_text(where: object) -> str:
    """The text of a URL, path, path object or bytes path; a cloud path's is its URL, without downloading anything.

    Raises NamingError for other objects.
    """
    return str.__str__(where) if isinstance(where, str) else _path_text(where)


def absolute(path: str) -> str:
    """A local path as a dataset name: absolute, ``~`` expanded, ``.`` and ``..`` resolved, drive letters upper case."""
    if re.match(_DRIVE, path):
        path = f"{path[0].upper()}:/" + re.sub(r"[\\/]+", "/", path[2:]).strip("/")
        return path if len(path) > 3 else path[:3]
    try:
        full = os.path.abspath(os.path.expanduser(path))
    except OSError:
        raise NamingError(
            "a relative path names nothing: the working directory does not exist any more"
        ) from None
    full = full.replace(os.sep, "/")
    return "/" + full.lstrip("/") if full.startswith("//") else full


def _as_text(text: object) -> str:
    text = location_text(text).strip()
    if not text:
        raise NamingError("an empty text names no dataset; give a URL, a path, or Dataset(namespace, name)")
    if len(text) > LONGEST:
        raise NamingError(f"a text of {len(text)} characters names no dataset; at most {LONGEST} are read")
    if match := _forbidden(text):
        raise NamingError(
            f"the character {match[0]!r} at position {match.start()} cannot be part of a dataset's name"
        )
    return text.encode("utf-8", "replace").decode("utf-8")  # lone surrogates, as in undecodable file names


def _forbidden(text: str) -> re.Match[str] | None:
    return _CONTROL.search(text.replace(DATE_MARK, "-"))


def _path_text(value: object) -> str:
    if isinstance(value, bytes):
        return os.fsdecode(value)
    if not hasattr(type(value), "__fspath__"):
        raise NamingError(
            f"a dataset is named by text or a path, not by {type(value).__name__}; see Dataset.table()"
        )
    shown = str(value)
    if "://" in shown:  # a cloud path: asking it for a local path would download the file
        return shown
    return os.fsdecode(os.fspath(value))  # type: ignore[call-overload]


def _undetermined(body: str) -> bool:
    """Whether a field may still hold what tells namespace from name: ``{path}``, ``s3://{path}``."""
    scheme, _, rest = body.partition("://")
    authority, slash, path = rest.partition("/")
    return has_field(scheme[:1]) or (has_field(authority) and not (slash and path))


def _url(body: str) -> tuple[str, str] | None:
    if ":/" not in body and body[:5].lower() != "jdbc:" and body[:4].lower() != "arn:":
        return None
    from lineage_kit.naming import schemes  # paths need none of it

    return schemes.locate_url(body) if schemes.is_url(body) else None


def _local(body: str) -> tuple[str, str]:
    if re.search(_SECRET, body, re.IGNORECASE):
        raise NamingError("a connection string names no dataset; write Dataset.table(engine, 'schema.table')")
    if body.startswith("\\\\"):
        server, _, share = body[2:].replace("\\", "/").partition("/")
        if server and share:
            return f"file://{server.lower()}", "/" + share.strip("/")
    if not _is_path(body):
        raise NamingError(_bare_word(body))
    return "file", absolute(body)


def _is_path(body: str) -> bool:
    if "/" in body or "\\" in body or body in (".", "..", "~") or re.match(_DRIVE, body):
        return True
    return "." in body and body.rpartition(".")[2].lower() in _SUFFIXES.split()


def _bare_word(body: str) -> str:
    word = body[:80] + ("…" if len(body) > 80 else "")
    table = word if "." in word else f"public.{word}"
    return (
        f"{word!r} is neither a URL nor a path. A table is Dataset.table(engine, {table!r}) or "
        f"Dataset('postgres://host:5432', 'database.{table}'); a file in the working directory is './{word}'"
    )
