"""The source code location says where a job's code is, and nothing secret."""

from pathlib import Path

import pytest

from lineage_kit import report
from lineage_kit.client.source_code import clean_remote, source_code_location
from lineage_kit.config.model import SourceCodeLocation
from lineage_kit.event.encoding import encode_reporting
from tests.client.conftest import Repository

ON = SourceCodeLocation()


def test_a_file_of_a_known_host_gets_the_address_of_its_page(repository: Repository) -> None:
    """On hosts whose pages are known, the URL shows the file at the commit."""
    facet = source_code_location(str(repository.source), ON, {})
    assert facet is not None
    assert facet.type == "git"
    assert facet.url == f"https://github.com/team/etl/blob/{repository.commit}/jobs/etl.py"
    assert facet.repoUrl == "https://github.com/team/etl.git"
    assert (facet.path, facet.version, facet.branch) == ("jobs/etl.py", repository.commit, "main")
    assert b"tag" not in encode_reporting(facet)[0]


@pytest.mark.parametrize(
    ("remote", "page"),
    [
        (
            "git@gitlab.example.com:team/sub/etl.git",
            "https://gitlab.example.com/team/sub/etl/-/blob/{}/jobs/etl.py",
        ),
        ("ssh://git@bitbucket.org:7999/team/etl", "https://bitbucket.org/team/etl/src/{}/jobs/etl.py"),
        ("https://u:p@codeberg.org/team/etl.git/", "https://codeberg.org/team/etl/src/commit/{}/jobs/etl.py"),
        ("https://git.example.com/team/etl.git", "https://git.example.com/team/etl.git"),
    ],
)
def test_the_page_follows_the_host(tmp_path: Path, remote: str, page: str) -> None:
    """Every host shows files in its own way; of an unknown one the repository's URL is given."""
    repository = Repository(tmp_path / "checkout", remote)
    facet = source_code_location(str(repository.source), ON, {})
    assert facet is not None
    assert facet.url == page.format(repository.commit)


def test_without_a_path_the_working_directory_counts(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An event made by hand belongs to the repository the process stands in, and so does typed-in code."""
    monkeypatch.chdir(repository.root / "jobs")
    for path in (None, "<stdin>", "<ipython-input-1-abc>"):
        facet = source_code_location(path, ON, {})
        assert facet is not None
        assert facet.url == "https://github.com/team/etl.git"
        assert b'"path"' not in encode_reporting(facet)[0]


def test_without_a_remote_there_is_no_facet(tmp_path: Path) -> None:
    """A repository that lies nowhere else has no address to give."""
    repository = Repository(tmp_path / "checkout", remote=None)
    assert source_code_location(str(repository.source), ON, {}) is None
    assert source_code_location(str(tmp_path / "elsewhere.py"), ON, {}) is None


def test_disabled_means_no_facet(repository: Repository) -> None:
    """``disabled: true`` leaves the facet out."""
    assert source_code_location(str(repository.source), SourceCodeLocation(disabled=True), {}) is None


def test_configured_values_win_over_the_checkout(repository: Repository) -> None:
    """Each option replaces what git says, an empty one takes it away."""
    options = SourceCodeLocation(
        repo_url="https://example.com/repo", version="7", tag="v7", branch="", pull_request_number="12"
    )
    facet = source_code_location(str(repository.source), options, {"CI_MERGE_REQUEST_IID": "3"})
    assert facet is not None
    assert (facet.url, facet.version, facet.tag, facet.pullRequestNumber) == (
        "https://example.com/repo",
        "7",
        "v7",
        "12",
    )
    assert b"branch" not in encode_reporting(facet)[0]
    assert source_code_location(str(repository.source), SourceCodeLocation(repo_url=""), {}) is None


def test_a_configured_address_is_enough(tmp_path: Path) -> None:
    """Where there is no checkout, as in a container, the configured repository is given."""
    facet = source_code_location(
        str(tmp_path / "job.py"), SourceCodeLocation(repo_url="https://example.com/r"), {}
    )
    assert facet is not None
    assert (facet.url, facet.repoUrl) == ("https://example.com/r", "https://example.com/r")


def test_a_configured_address_that_is_none_is_said(tmp_path: Path) -> None:
    """A repo_url that cannot be a URL gives no facet and one word about it."""
    assert (
        source_code_location(str(tmp_path / "job.py"), SourceCodeLocation(repo_url="our repository"), {})
        is None
    )
    assert report.counts() == {"source_code.repo_url": 1}


def test_the_pull_request_of_a_ci_job_is_named(repository: Repository) -> None:
    """The number comes from the variables of the CI system."""
    facet = source_code_location(str(repository.source), ON, {"GITHUB_REF": "refs/pull/42/merge"})
    assert facet is not None
    assert facet.pullRequestNumber == "42"


def test_installed_code_is_not_the_repositorys(repository: Repository) -> None:
    """A library in a virtual environment inside a checkout is not the checkout's code."""
    library = repository.root / ".venv/lib/python3.11/site-packages/library.py"
    library.parent.mkdir(parents=True)
    library.write_text("")
    assert source_code_location(str(library), ON, {}) is None


def test_the_address_of_a_long_path_is_the_repositorys(repository: Repository) -> None:
    """A page whose address would be longer than backends store gives way to the repository's URL."""
    facet = source_code_location(str(repository.root / ("x" * 200) / "a.py"), ON, {})
    assert facet is not None
    assert facet.url == "https://github.com/team/etl.git"


def test_a_checkout_is_read_once(repository: Repository) -> None:
    """Facts are those of the first look: the code that runs is the code that was checked out then."""
    first = source_code_location(str(repository.source), ON, {})
    repository.git("commit", "-q", "--allow-empty", "-m", "second")
    assert source_code_location(str(repository.source), ON, {}) == first


CLEAN = {
    "https://github.com/a/b.git": "https://github.com/a/b.git",
    "https://user:secret@host.example/a/b": "https://host.example/a/b",
    "https://secret@host.example/a/b": "https://host.example/a/b",
    "https://user:sec@ret@host.example/a": "https://host.example/a",
    "https://host.example:8443/a/b?private_token=secret#secret": "https://host.example:8443/a/b",
    "ssh://git@host.example:2222/a/b.git": "ssh://host.example:2222/a/b.git",
    "git@host.example:a/b.git": "ssh://host.example/a/b.git",
    "deploy-secret@host.example:/srv/a b.git": "ssh://host.example/srv/a%20b.git",
    "host.example:a/b": "ssh://host.example/a/b",
    "git://host.example/a": "git://host.example/a",
    "HTTPS://host.example/ä%2Fb%zz": "https://host.example/%C3%A4%2Fb%25zz",
    "https://[::1]:80/a": "https://[::1]:80/a",
    "/srv/git/a b.git": "file:///srv/git/a%20b.git",
    "file:///srv/git/a.git": "file:///srv/git/a.git",
}
NOT_CLEAN = [
    "https://user:se/cret@host.example/a",
    "https://user:8080/secret@host.example/a",
    "https://",
    "https://:secret",
    "ext::sh -c secret",
    "helper::https://u:secret@h/x",
    "../relative",
    "relative",
    "",
    "https://host.example/" + "x" * 300,
    "javascript:alert(1)//secret@x",
    "C:\\repo",
]


@pytest.mark.parametrize("remote", CLEAN)
def test_remotes_lose_their_credentials(remote: str) -> None:
    """What is left of a remote is a URI without user, password, query and fragment."""
    assert clean_remote(remote) == CLEAN[remote]


@pytest.mark.parametrize("remote", NOT_CLEAN)
def test_what_cannot_be_cleaned_is_not_given(remote: str) -> None:
    """A remote that is no plain address, or whose password cannot be told from its path, gives nothing."""
    cleaned = clean_remote(remote)
    assert cleaned is None or "secret" not in cleaned
    assert cleaned is None or cleaned.startswith("ssh://")


def test_no_secret_of_a_remote_reaches_the_facet(tmp_path: Path) -> None:
    """A token in the remote of a real repository is nowhere in the encoded facet."""
    repository = Repository(tmp_path / "checkout", "https://oauth2:t0psecret@gitlab.com/team/etl.git")
    facet = source_code_location(str(repository.source), ON, {})
    body = encode_reporting(facet)[0]
    assert b"t0psecret" not in body
    assert b"https://gitlab.com/team/etl/-/blob/" in body
