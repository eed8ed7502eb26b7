"""What names nothing is an error that says what to write instead, and never prints a credential."""

import os
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage_kit.errors import NamingError
from lineage_kit.naming import locate, strip_credentials, table

MESSAGES = [
    ("orders", r"neither a URL nor a path.*Dataset\.table\(engine, 'public\.orders'\).*'\./orders'"),
    ("public.orders", r"Dataset\.table\(engine, 'public\.orders'\)"),
    ("my table", r"neither a URL nor a path"),
    ("", "empty text"),
    ("   ", "empty text"),
    ("a\x00b.csv", r"'\\x00' at position 1"),
    ("a\nb.csv", r"'\\n' at position 1"),
    ("file:///a%00b", "control character"),
    ("/" + "x" * 5000, "5001 characters"),
    ("s3://", "needs a bucket"),
    ("postgres://db/shop", r"names a database but no table.*Dataset\.table"),
    ("postgres://db", "no table"),
    ("postgres:/db/shop/t", "two slashes"),
    ("postgres://db/a/b/c/d", "has 3 parts|has 4 parts"),
    ("mysql://db/a/b/c", "database.table"),
    ("oracle://db/orcl/t", "which schema"),
    ("snowflake:///db/s/t", "account"),
    ("awsathena:///db/t", "region"),
    ("spanner://x/db/t", None),
    ("sqlite:////tmp/x.db", r"Dataset\.table\('sqlite:"),
    ("duckdb:///x.db", r"Dataset\.table\('duckdb:"),
    ("kafka://broker", "no topic"),
    ("kafka:///topic", "host"),
    ("pubsub://p/t", "projects/PROJECT/topics"),
    ("azurecosmos://h/db", "dbs/database/colls"),
    ("inmemory://", "needs a name"),
    ("box://h", "repository"),
    ("https:///x", "host"),
    ("https://s3.amazonaws.com/", "bucket"),
    ("postgers://db/shop/t", r"did you mean postgres://"),
    ("snowflak://db/shop/t", r"did you mean snowflake://"),
    ("arn:aws:iam::1:role/x", "only tables and objects"),
    ("jdbc:nosuch://h/d/t", "two arguments"),
    ("jdbc:oracle:thin:@(DESCRIPTION=(HOST=h))", "host:1521/service"),
    ("jdbc:oracle:oci:x", "host:1521/service"),
    ("data/{day.csv", "'{' without its partner"),
    ("data/day}.csv", "'}' without its partner"),
    ("data/{}.csv", "no field"),
    ("data/{0}.csv", "no field"),
    ("data/{a b}.csv", "no field"),
    ("data/{a:{b}}.csv", "without its partner"),
    ("data/{a}\U000f0000.csv", "private-use"),
    ("host=/tmp dbname=shop password=hunter2", "connection string"),
    ("Server=db/x;Database=shop;Pwd=hunter2", "connection string"),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES, ids=[repr(text[:30]) for text, _ in MESSAGES])
def test_each_mistake_has_its_message(text: str, message: str | None) -> None:
    """The error says what was wrong and what is expected, in a few hundred characters."""
    if message is None:
        assert locate(text)
        return
    with pytest.raises(NamingError, match=message) as caught:
        locate(text)
    assert len(str(caught.value)) < 600
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("thing", [5, None, 3.5, ["a.csv"], object(), b""])
def test_what_is_no_text_is_refused(thing: object) -> None:
    """Anything but text and paths is a NamingError that names its type."""
    with pytest.raises(NamingError):
        locate(thing)  # type: ignore[arg-type]


def test_paths_of_all_kinds_are_taken() -> None:
    """Path objects, bytes and whatever has __fspath__ name the same file as their text."""

    class Own:
        def __fspath__(self) -> str:
            return "/data/orders.csv"

    wanted = ("file", "/data/orders.csv", False)
    for path in (Path("/data/orders.csv"), PurePosixPath("/data/orders.csv"), b"/data/orders.csv", Own()):
        assert locate(path) == wanted
    assert locate(Path("s3://raw/orders.csv")) == ("s3://raw", "orders.csv", False)


def test_a_cloud_path_is_never_asked_for_a_local_one() -> None:
    """An object whose text is a URL is named by it: __fspath__ would download the file."""

    class Cloud:
        def __fspath__(self) -> str:
            raise AssertionError("downloaded")

        def __str__(self) -> str:
            return "s3://raw/orders.csv"

    assert locate(Cloud()) == ("s3://raw", "orders.csv", False)


def test_an_undecodable_file_name_gives_a_name_that_can_be_sent() -> None:
    """Bytes that are no text and lone surrogates are replaced, so that the name can be encoded."""
    locate(b"/data/\xff.csv").name.encode()
    locate("/data/\ud800.csv").name.encode()


def test_a_directory_that_is_gone_is_an_error_with_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A relative path in a deleted working directory cannot be named."""
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    try:
        os.getcwd()
    except OSError:
        with pytest.raises(NamingError, match="working directory"):
            locate("orders.csv")


CALM = settings(deadline=None, derandomize=True)


@CALM
@given(st.text(max_size=60))
def test_any_text_is_named_or_refused(text: str) -> None:
    """Whatever the text, the answer is a name or a NamingError."""
    try:
        located = locate(text)
    except NamingError:
        return
    assert located.namespace
    assert located.name
    located.name.encode()


WORDS = """
postgres mysql+pymysql mssql snowflake s3 s3a gs abfss wasbs hdfs https http sftp kafka file bigquery awsathena
databricks redshift duckdb sqlite jdbc:postgresql jdbc:mysql pubsub box unknown
"""
SCHEMES = st.sampled_from(WORDS.split())
URLISH = st.text(alphabet="ab1/:@?#=&;%{}[].,-\\ é", max_size=30)


@CALM
@given(SCHEMES, URLISH)
def test_any_url_is_named_or_refused(scheme: str, rest: str) -> None:
    """Whatever follows a scheme, the answer is a name or a NamingError, for locate and for table."""
    for name in (lambda: locate(f"{scheme}://{rest}"), lambda: table(f"{scheme}://{rest}", "orders")):
        try:
            namespace, full, *_ = name()
        except NamingError:
            continue
        assert namespace
        assert full


SECRETS = st.text(alphabet="abcdefghijklmnopqrstuvwxyzABCDEF0123456789", min_size=8, max_size=16).map(
    "Zq".__add__
)
MESSY = st.sampled_from(
    ["{}", "p{}", "%40{}%2F", "a@{}", "a:{}", "{}!$", "x/{}", "x?{}", "x#{}", "{}/y@", "é{}"]
)
HOSTS = st.sampled_from(["db", "DB.example:5432", "[::1]:5432", "a,b", "a:1,b:2", ""])
PATHS = st.sampled_from(
    ["", "/", "/shop", "/shop/orders", "/shop/public/orders", "/a/b/c/d", "/orders/2026-11-22.csv"]
)
DATABASES = st.sampled_from(
    ["postgres", "mysql+pymysql", "mssql", "snowflake", "redshift", "trino", "oracle", "jdbc:postgresql"]
)


@CALM
@given(DATABASES, SECRETS, MESSY, HOSTS, PATHS)
def test_a_password_never_survives_in_a_database_url(
    scheme: str, secret: str, shape: str, host: str, path: str
) -> None:
    """Escaped or not, the password of a URL is in no namespace, no name and no error."""
    url = f"{scheme}://me:{shape.format(secret)}@{host}{path}"
    assert secret not in _everything(url)
    assert secret not in strip_credentials(url)


@CALM
@given(
    SCHEMES,
    SECRETS,
    HOSTS,
    PATHS,
    st.sampled_from(["?sig={}", "?a=b&password={}", "#{}", "?X-Amz-Signature={}#x", "?{}"]),
)
def test_a_query_or_fragment_never_survives(
    scheme: str, secret: str, host: str, path: str, tail: str
) -> None:
    """Signatures, tokens and fragments are in no namespace, no name and no error."""
    url = f"{scheme}://{host}{path}{tail.format(secret)}"
    assert secret not in _everything(url)
    assert secret not in strip_credentials(url)


@CALM
@given(SCHEMES, SECRETS, HOSTS, PATHS)
def test_userinfo_never_survives(scheme: str, secret: str, host: str, path: str) -> None:
    """Key and secret before the @ of any URL are in no namespace, no name and no error."""
    assert secret not in _everything(f"{scheme}://me:{secret}@{host}{path}")


def _everything(url: str) -> str:
    """All that locate and table say of a URL, errors included."""
    said = []
    for name in (lambda: locate(url), lambda: table(url, "orders"), lambda: table(url, "a.b.c")):
        try:
            said += [str(part) for part in name()]
        except NamingError as error:
            said.append(repr(error))
    return " ".join(said)


@pytest.mark.parametrize(
    ("namespace", "stripped"),
    [
        ("postgres://db:5432", "postgres://db:5432"),
        ("postgres://me:pw@db:5432", "postgres://db:5432"),
        ("postgres://me@db:5432", "postgres://db:5432"),
        ("postgres://me:p@w@db:5432", "postgres://db:5432"),
        ("postgres://me:p/w@db:5432", "postgres://db:5432"),
        ("postgres://me:1/2@db:5432", "postgres://db:5432"),
        ("postgres://me:p?w@db:5432", "postgres://db:5432"),
        ("postgres://db:5432?password=pw", "postgres://db:5432"),
        ("postgres://db:5432?user=a@b", "postgres://db:5432"),
        ("jdbc:mysql://me:pw@db/x", "jdbc:mysql://db/x"),
        ("sqlserver://db;user=me;password=pw;x=1", "sqlserver://db;x=1"),
        ("abfss://box@lake.dfs.core.windows.net", "abfss://box@lake.dfs.core.windows.net"),
        ("wasbs://box:sas@lake.blob.core.windows.net", "wasbs://box@lake.blob.core.windows.net"),
        ("s3://key:secret@raw", "s3://raw"),
        ("bigquery", "bigquery"),
        ("food_delivery", "food_delivery"),
        ("team@orders", "team@orders"),
        ("arn:aws:glue:eu-west-1:1", "arn:aws:glue:eu-west-1:1"),
        ("", ""),
    ],
)
def test_a_namespace_loses_its_credentials_only(namespace: str, stripped: str) -> None:
    """User, password, query and properties leave a namespace; the container of Azure's schemes stays."""
    assert strip_credentials(namespace) == stripped
