"""Facts of a checkout are those git itself tells, read without it."""

import os
from pathlib import Path

import pytest

from lineage_kit.client.source_code.git import read_facts
from tests.client.conftest import Repository


def test_branch_commit_and_remote_are_read(repository: Repository) -> None:
    """A plain checkout gives its root, branch, commit and the URL of origin."""
    facts = read_facts(str(repository.source.parent))
    assert facts is not None
    assert facts.root == str(repository.root.resolve())
    assert facts.branch == "main"
    assert facts.commit == repository.commit
    assert facts.remote == "https://github.com/team/etl.git"
    assert facts.tag is None


def test_a_branch_name_may_hold_slashes(repository: Repository) -> None:
    """Everything behind refs/heads/ is the branch."""
    repository.git("checkout", "-q", "-b", "feature/a/b")
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert facts.branch == "feature/a/b"
    assert facts.commit == repository.commit


def test_a_detached_head_has_a_commit_and_no_branch(repository: Repository) -> None:
    """Checked out by commit, a repository has no branch."""
    repository.git("checkout", "-q", "--detach")
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert facts.branch is None
    assert facts.commit == repository.commit


def test_packed_refs_are_read(repository: Repository) -> None:
    """Refs that git has packed into one file are found there, tags of both kinds too."""
    commit = repository.commit
    repository.git("tag", "v1.9")
    repository.git("tag", "-a", "v1.10", "-m", "annotated")
    repository.git("pack-refs", "--all")
    assert not (repository.root / ".git/refs/heads/main").exists()
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert (facts.branch, facts.commit, facts.tag) == ("main", commit, "v1.10")


@pytest.mark.parametrize("options", [(), ("-a", "-m", "annotated")], ids=["light", "annotated"])
def test_a_loose_tag_at_head_is_found(repository: Repository, options: tuple[str, ...]) -> None:
    """A tag of either kind that was just made is read, folders in its name included."""
    repository.git("tag", *options, "release/2026.1")
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert facts.tag == "release/2026.1"


def test_a_tag_of_another_commit_is_not_taken(repository: Repository) -> None:
    """Only tags that point at HEAD count."""
    repository.git("tag", "old")
    repository.git("tag", "-a", "older", "-m", "x")
    repository.git("commit", "-q", "--allow-empty", "-m", "second")
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert facts.tag is None
    repository.git("pack-refs", "--all")
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert facts.tag is None


@pytest.mark.parametrize("relative", [False, True])
def test_a_linked_worktree_has_its_own_branch_and_the_common_remote(
    repository: Repository, tmp_path: Path, relative: bool
) -> None:
    """In a worktree HEAD is its own, while config, tags and packed refs are those of the main repository."""
    other = tmp_path / "other"
    repository.git("worktree", "add", "-q", "-b", "side", str(other))
    repository.git("tag", "v1")
    repository.git("pack-refs", "--all")
    if relative:
        pointer = os.path.relpath(repository.root / ".git/worktrees/other", other)
        (other / ".git").write_text(f"gitdir: {pointer}\n")
    facts = read_facts(str(other / "jobs"))
    assert facts is not None
    assert facts.root == str(other.resolve())
    assert (facts.branch, facts.commit, facts.tag) == ("side", repository.commit, "v1")
    assert facts.remote == "https://github.com/team/etl.git"


def test_a_submodule_has_facts_of_its_own(repository: Repository, tmp_path: Path) -> None:
    """Code in a submodule belongs to the submodule's repository."""
    library = Repository(tmp_path / "library")
    repository.git("submodule", "--quiet", "add", str(library.root), "library")
    facts = read_facts(str(repository.root / "library" / "jobs"))
    assert facts is not None
    assert facts.root == str((repository.root / "library").resolve())
    assert facts.commit == library.commit
    assert facts.remote == str(library.root)


def test_without_origin_the_first_remote_is_taken(tmp_path: Path) -> None:
    """A repository whose remotes have other names gives the first of them."""
    repository = Repository(tmp_path / "checkout", remote=None)
    assert (facts := read_facts(str(repository.root))) is not None
    assert facts.remote is None
    repository.git("remote", "add", "upstream", "https://example.com/a%2Fb.git")
    repository.git("remote", "add", "fork", "https://example.com/c.git")
    assert (facts := read_facts(str(repository.root))) is not None
    assert facts.remote == "https://example.com/a%2Fb.git"


def test_the_configuration_is_read_as_git_reads_it(repository: Repository) -> None:
    """Quotes, comments, case and several sections of one remote mean what they mean to git."""
    (repository.root / ".git/config").write_text(
        '[core]\n\turl = no\n[Remote "fork"]\n url=https://x.example/f\n'
        '[remote "origin"] URL = "https://x.example/a;b" # comment\n[branch "main"]\n\turl = no\n'
    )
    assert repository.git("config", "remote.origin.url") == "https://x.example/a;b"
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert facts.remote == "https://x.example/a;b"


def test_an_empty_repository_has_a_branch_and_no_commit(tmp_path: Path) -> None:
    """Before the first commit there is nothing but the branch to come."""
    root = tmp_path / "new"
    repository = Repository(tmp_path / "helper")
    root.mkdir()
    repository.root = root
    repository.git("init", "-q", "-b", "trunk")
    facts = read_facts(str(root))
    assert facts is not None
    assert (facts.branch, facts.commit, facts.tag) == ("trunk", None, None)


def test_outside_of_a_repository_there_are_no_facts(tmp_path: Path) -> None:
    """A folder without .git above it, and a folder that is not there, give None."""
    assert read_facts(str(tmp_path)) is None
    assert read_facts(str(tmp_path / "missing" / "folder")) is None
    assert read_facts("bad\x00name") is None


def test_a_bare_repository_has_no_facts(tmp_path: Path) -> None:
    """A repository without a working tree holds no source files."""
    repository = Repository(tmp_path / "checkout")
    repository.git("clone", "-q", "--bare", str(repository.root), str(tmp_path / "bare.git"))
    assert read_facts(str(tmp_path / "bare.git")) is None


HOSTILE_HEADS = [
    b"",
    b"\x00\xff\xfe" * 100,
    b"ref: refs/heads/../../../../etc/passwd\n",
    b"ref: /etc/passwd\n",
    b"ref: refs/heads/.invalid\n",
    b"ref: " + b"refs/heads/x" * 10_000,
    b"not a commit at all",
    b"ref: refs/heads/\xff\xfe",
    b"x" * 1_000_000,
]


@pytest.mark.parametrize("head", HOSTILE_HEADS, ids=range(len(HOSTILE_HEADS)))
def test_a_hostile_head_gives_no_commit(repository: Repository, head: bytes) -> None:
    """Whatever HEAD holds, nothing is raised and nothing outside of the git folder is read."""
    (repository.root / ".git/HEAD").write_bytes(head)
    facts = read_facts(str(repository.root))
    assert facts is None or facts.commit is None


def test_refs_that_go_round_in_circles_end(repository: Repository) -> None:
    """A ref that names itself has no commit."""
    (repository.root / ".git/refs/heads/main").write_text("ref: refs/heads/main\n")
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert facts.commit is None


def test_pointers_that_go_round_in_circles_end(tmp_path: Path) -> None:
    """A .git file that points at itself, and a link that does, are no repository."""
    (tmp_path / ".git").write_text("gitdir: .git\n")
    assert read_facts(str(tmp_path)) is None
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    assert read_facts(str(loop)) is None


def test_a_pipe_is_not_waited_for(repository: Repository) -> None:
    """A named pipe in place of HEAD or config is passed over."""
    for name in ("HEAD", "config"):
        path = repository.root / ".git" / name
        kept = path.read_bytes()
        path.unlink()
        os.mkfifo(path)
        facts = read_facts(str(repository.root))
        assert facts is None or facts.remote is None
        path.unlink()
        path.write_bytes(kept)


def test_damaged_files_cost_what_they_held(repository: Repository) -> None:
    """Garbage in packed-refs, config and tags leaves the rest readable."""
    commit = repository.commit
    (repository.root / ".git/packed-refs").write_bytes(os.urandom(4096))
    (repository.root / ".git/config").write_bytes(b'[remote "origin\nurl = [[[\n\x00')
    tags = repository.root / ".git/refs/tags"
    tags.mkdir(exist_ok=True)
    (tags / "broken").write_bytes(os.urandom(100))
    (tags / "nowhere").write_text("0" * 40)
    facts = read_facts(str(repository.root))
    assert facts is not None
    assert (facts.commit, facts.remote, facts.tag) == (commit, None, None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_files_nobody_may_read_give_no_facts(repository: Repository) -> None:
    """Without permission for .git there is no repository."""
    git = repository.root / ".git"
    git.chmod(0)
    try:
        assert read_facts(str(repository.root)) is None
    finally:
        git.chmod(0o700)
