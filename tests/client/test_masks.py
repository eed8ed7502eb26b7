"""No secret survives in text, in whatever form people write it, and other text stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lineage_kit.client.redact import is_secret_name, redact_text

NAMES = [
    *("password", "PASSWORD", "db_password", "dbPassword", "passwd", "passphrase", "pwd", "DB_PASS"),
    *(
        "secret",
        "client-secret",
        "aws_secret_access_key",
        "token",
        "githubToken",
        "access_token",
        "refresh-token",
    ),
    *(
        "api_key",
        "apikey",
        "X-Api-Key",
        "apiKey",
        "authorization",
        "Proxy-Authorization",
        "credential",
        "credentials",
    ),
    *("private_key", "access_key", "AccountKey", "SharedAccessKey", "signing_key", "sig", "X-Amz-Signature"),
    *("connection_string", "ConnectionString", "dsn", "jwt", "cookie"),
]
NO_SECRETS = [
    *(
        "name",
        "key",
        "primary_key",
        "partition_key",
        "token_count",
        "max_tokens",
        "tokenizer",
        "password_policy",
    ),
    *(
        "author",
        "authority",
        "compass",
        "passed",
        "pass",
        "signal",
        "design",
        "monkey",
        "keyboard",
        "connection",
    ),
    *("token_url", "secret_type", "schema", "OLDPWD", "", "__", "1"),
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_tells_a_secret_is_known(name: str) -> None:
    """Case, separators and prefixes of a name make no difference."""
    assert is_secret_name(name)


@pytest.mark.parametrize("name", NO_SECRETS)
def test_a_name_that_tells_none_is_left(name: str) -> None:
    """Words that merely contain or describe such a word are no secrets."""
    assert not is_secret_name(name)


def test_further_names_are_the_users() -> None:
    """A user's own name counts in any spelling, as part of longer names too."""
    assert not is_secret_name("kundennummer")
    for name in ("kundennummer", "KundenNummer", "x_kunden-nummer_2"):
        assert is_secret_name(name, ("kunden_nummer",))
    assert is_secret_name("пароль", ("Пароль",))


FORMS = {
    "url": "cannot reach postgres://etl:{}@db:5432/shop now",
    "url with a token": "fatal: https://{}@github.com/team/etl.git/ not found",
    "url cut before its host": "cannot reach postgres://etl:{}",
    "assignment": "retry with password={} host=db",
    "assignment in quotes": "connect(host='db', password='{}', port=1)",
    "assignment with spaces": 'api_key = "{}"',
    "assignment cut off": "connect(password='{}",
    "colon": "token: {}",
    "json": '{{"user": "a", "client_secret": "{}", "x": 1}}',
    "json in a text": '"{{\\"user\\": \\"a\\", \\"client_secret\\": \\"{}\\"}}"',
    "repr of a dict": "{{'Authorization': 'Basic {}', 'Accept': '*/*'}}",
    "header": "GET / HTTP/1.1\nAuthorization: Basic {}\nAccept: */*",
    "bearer": "sent header Bearer {} to the server",
    "query": "GET https://h.example/a?api_key={}&page=2",
    "signed url": "https://acc.blob.core.windows.net/c/b?sv=2024&sp=r&sig={}&se=2026",
    "connection string": "DefaultEndpointsProtocol=https;AccountName=a;AccountKey={};EndpointSuffix=x",
    "argument": "command failed: load --password {} --verbose",
    "argument list": "Command '['load', '--password', '{}']' returned 1",
    "xml": "<password>{}</password>",
    "yaml": "db:\n  password: {}\n  host: db",
    "environment": "export AWS_SECRET_ACCESS_KEY={}",
    "private key": "-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----",
    "private key cut off": "-----BEGIN PRIVATE KEY-----\n{}",
    "private key without its beginning": "{}\n-----END PRIVATE KEY-----\n",
    "web token": "got eyJhbGciOiJIUzI1NiJ9.{}.c2lnbmF0dXJl from it",
    "oracle": "jdbc:oracle:thin:scott/{}@db:1521/x",
}
SQL_FORMS = {
    "new user": "CREATE USER etl WITH LOGIN PASSWORD '{}' VALID UNTIL 'x'",
    "identified": "ALTER USER etl IDENTIFIED BY '{}'",
    "credentials of a copy": "COPY t FROM 's3://b' CREDENTIALS 'aws_access_key_id=A;aws_secret_access_key={}'",
    "secret of a database": "CREATE SECRET s (TYPE s3, KEY_ID 'A', SECRET '{}')",
    "comparison": "SELECT 1 FROM users WHERE password = '{}' AND name = 'x'",
}
SECRETS = st.text(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-+", min_size=6, max_size=80
).map(lambda text: "Zq7" + text.strip(".-+") + "Xw9")


@pytest.mark.parametrize("form", FORMS)
@given(secret=SECRETS)
def test_a_secret_never_survives(form: str, secret: str) -> None:
    """Whatever the secret, it is gone from each form in which secrets appear."""
    assert secret not in redact_text(FORMS[form].format(secret))


@pytest.mark.parametrize("form", SQL_FORMS)
@given(secret=SECRETS)
def test_a_secret_in_sql_never_survives(form: str, secret: str) -> None:
    """The same holds for statements, where only literals are taken."""
    assert secret not in redact_text(SQL_FORMS[form].format(secret), literals_only=True)


@given(secret=st.text(st.characters(exclude_characters="'\\\n", exclude_categories=["Cs"]), min_size=8))
def test_between_quotes_a_secret_may_hold_anything(secret: str) -> None:
    """Spaces, separators and other quotes do not end a quoted value."""
    secret = f"Zq{secret}Xw"
    assert secret not in redact_text(f"connect(password='{secret}', host='db')")


@given(st.text())
def test_any_text_can_be_searched_twice(text: str) -> None:
    """Redacting never raises, and redacting again changes nothing."""
    once = redact_text(text)
    assert redact_text(once) == once


SENTENCES = [
    ("login failed, passwd hunter2", "login failed, passwd ***"),
    ("password hunter2", "password ***"),
    ("wrong password hunter2 for etl", "wrong password *** for etl"),
    ("the password is hunter2.", "the password is ***."),
    ("db password set to P@ssword, restart", "db password set to ***, restart"),
    ('user a with password "hunter2"', 'user a with password "***"'),
    ("pwd 12345678", "pwd ***"),
    ("token abc123def was refused", "token *** was refused"),
    ("refused the token 'abc123'", "refused the token '***'"),
    ("secret wJalrXUtnFEMI/K7MDENG/bPxRfiCY", "secret ***"),
    ("API key abc123xyz expired", "API key *** expired"),
    ("Access key: abc123xyz", "Access key: ***"),
]


@pytest.mark.parametrize(("text", "masked"), SENTENCES)
def test_a_secret_told_in_a_sentence_is_masked(text: str, masked: str) -> None:
    """Without a sign between name and value, what looks like no word is the secret; it may be searched twice."""
    assert redact_text(text) == masked
    assert redact_text(masked) == masked


TOKENS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2" * 9,
    "glpat-" + "x" * 20,
    "xoxb-123456789012-abcdef",
    "sk-" + "a1B2" * 8,
    "sk-proj-" + "a1-2" * 8,
    "AIza" + "x" * 35,
    "dapi" + "0af9" * 8,
    "hf_" + "x" * 30,
]


@pytest.mark.parametrize("token", TOKENS)
def test_tokens_are_known_by_their_look(token: str) -> None:
    """A token that stands alone in a text is masked."""
    assert redact_text(f"refused {token}, try again") == "refused ***, try again"


UNCHANGED = [
    "KeyError: 'password'",
    "unexpected token 'FORM' at line 3",
    "task-run-daily-orders-load-from-the-warehouse",
    "http://localhost:8080/path: refused",
    "see https://host.example/@scope/package",
    "abfss://container@account.dfs.core.windows.net/orders",
    "password=None, token=null, secret=***, api_key=${API_KEY}, password=%s",
    "max_tokens=5 token_count: 7",
    "password is wrong",
    "the token expired at 2026-11-22T10:00:00Z",
    "password authentication failed for user etl",
    "column password of orders_2024",
    "cannot cast column password addr1",
    "password user_id2, token created_at_2",
    "unexpected token col2x at line 3",
    "token 12345 at position 7, token 30min old",
    "password sha256 expected, secret v2.1, password of 8 characters",
    "password file /etc/p4ss1, token https://h1.example/a, secret db1.example:5432",
    "could not load private key: file not found",
    "primary key abc123",
    "secret $DB_PASSWORD2, token %TOKEN2%",
    "id  password  addr1",
    "orders",
    "2026-11-22",
    "İstanbul: 5",
    "a" * 10_000,
]


@pytest.mark.parametrize("text", UNCHANGED, ids=range(len(UNCHANGED)))
def test_text_without_secrets_stays(text: str) -> None:
    """Names of keys, ports, placeholders and plain words are left, and the same object comes back."""
    assert redact_text(text) is text


def test_columns_in_sql_are_left() -> None:
    """A column of a secret name that is compared with another column is no literal."""
    sql = "SELECT u.token FROM u JOIN t ON u.token = t.token WHERE password=:password AND secret = 5"
    assert redact_text(sql, literals_only=True) is sql


def test_the_rest_of_the_text_stays() -> None:
    """What stands around a secret is not touched."""
    assert redact_text("a postgres://u:p@h/db b password=x, c") == "a postgres://***@h/db b password=***, c"


def test_users_names_are_searched_for() -> None:
    """The value behind a user's own name is masked in text too."""
    assert redact_text("Kunden_Nummer: 4711 ok", more=("kunden-nummer",)) == "Kunden_Nummer: *** ok"


LOOPS = [
    *("://", "://a:", "://a@", 'password="', "password='\\\"", 'password=\\"', "eyJ", "eyJa.", "sk-", "gho_"),
    *(
        "token:[",
        "token=",
        "pass",
        "____key",
        "identified by '",
        "jdbc:oracle:thin:a/",
        "earer ",
        "\\",
        "@",
        " ",
    ),
    *(
        "-----BEGIN PRIVATE KEY-----",
        "-----END PRIVATE KEY-----",
        "--token ",
        "--token -",
        "İpassword=x ",
        "token x1",
        "password is ",
        "api key",
        "key='''",
    ),
]


@pytest.mark.parametrize("part", LOOPS, ids=range(len(LOOPS)))
def test_texts_made_to_mislead_come_to_an_end(part: str) -> None:
    """Half a million characters that begin secrets and never end them are searched in one pass, not in a pass each."""
    text = part * (500_000 // len(part))
    for literals_only in (False, True):
        assert len(redact_text(text, literals_only=literals_only)) <= 2 * len(text)
