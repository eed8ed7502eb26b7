"""The environment is read in one place, by functions that say what they give."""

import re
from pathlib import Path

import pytest

import lineage_kit
from lineage_kit.config import env

PACKAGE = Path(lineage_kit.__file__).parent


@pytest.mark.parametrize("name", ["PYTEST_CURRENT_TEST", "PYTEST_VERSION"])
def test_a_pytest_run_is_recognised(name: str) -> None:
    """By either of the variables that pytest sets, in this process or the one above it."""
    assert env.under_pytest({name: "x"})
    assert not env.under_pytest({})
    assert env.under_pytest()


def test_the_state_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """LINEAGE_KIT_STATE if set, made absolute, else the user's own directory for this package; nothing is created."""
    assert env.state_directory({"LINEAGE_KIT_STATE": str(tmp_path / "s")}) == tmp_path / "s"
    monkeypatch.chdir(tmp_path)
    assert env.state_directory({"LINEAGE_KIT_STATE": "s"}) == tmp_path / "s"
    own = env.state_directory({})
    assert own.is_absolute()
    assert "lineage_kit" in own.parts
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("environ", "number"),
    [
        ({}, None),
        ({"GITHUB_REF": "refs/heads/main"}, None),
        ({"GITHUB_REF": "refs/pull/7/merge"}, "7"),
        ({"SYSTEM_PULLREQUEST_PULLREQUESTID": "5", "GITHUB_REF": "refs/pull/7/merge"}, "5"),
        ({"SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "4", "SYSTEM_PULLREQUEST_PULLREQUESTID": "5"}, "4"),
        ({"BITBUCKET_PR_ID": "3", "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER": "4"}, "3"),
        ({"CI_MERGE_REQUEST_IID": "2", "BITBUCKET_PR_ID": "3"}, "2"),
        ({"CI_MERGE_REQUEST_IID": "", "BITBUCKET_PR_ID": "3"}, "3"),
    ],
)
def test_the_pull_request_of_a_ci_job(environ: dict[str, str], number: str | None) -> None:
    """GitLab before Bitbucket before Azure before GitHub."""
    assert env.pull_request_number(environ) == number


def test_parents_are_handed_on_as_they_are() -> None:
    """Whoever opens runs reads them; here they are neither parsed nor checked."""
    environ = {
        "OPENLINEAGE_CONTEXT": "{broken",
        "OPENLINEAGE_PARENT_ID": "a/b/c",
        "OPENLINEAGE_ROOT_PARENT_ID": " ",
    }
    assert env.parent_context(environ) == "{broken"
    assert env.parent_id(environ) == "a/b/c"
    assert env.root_parent_id(environ) is None


def test_a_value_by_name_is_untouched() -> None:
    """Blanks are kept, and unset is None."""
    assert env.environment_value("A", {"A": " x "}) == " x "
    assert env.environment_value("B", {"A": " x "}) is None


def test_a_switch_never_raises() -> None:
    """Asking whether lineage is off is safe whatever the variable holds."""
    assert not env.is_disabled({"OPENLINEAGE_DISABLED": "maybe"})
    assert env.is_disabled({"OPENLINEAGE_DISABLED": "YES"})


def test_no_other_file_reads_the_environment() -> None:
    """`os.environ` and `os.getenv` stand in config/env.py alone, and nothing writes them."""
    reading = re.compile(r"os\.(environ|getenv|environb|putenv|unsetenv)\b|from os import .*environ")
    found = [
        path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if reading.search(path.read_text("utf-8"))
    ]
    assert found == [Path("config/env.py")]
    assert not re.search(
        r"os\.environ(\[[^]]*\]\s*=|\.(update|setdefault|pop))", (PACKAGE / "config/env.py").read_text()
    )


def test_every_variable_is_described() -> None:
    """The table that documentation and doctor walk is complete and without doubles."""
    names = [variable.name for variable in env.VARIABLES]
    assert len(names) == len(set(names))
    assert {value.name for value in vars(env).values() if isinstance(value, env.Variable)} == set(names)
    assert all(variable.meaning.endswith(".") for variable in env.VARIABLES)
