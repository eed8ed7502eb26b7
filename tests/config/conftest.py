"""How these tests read a configuration: a file in a directory of its own, an environment that is only what is given."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from lineage_kit.config.load import load
from lineage_kit.config.model import Settings
from lineage_kit.errors import ConfigError


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Settings]:
    """A function from the text of openlineage.yml, variables and code to settings."""

    def settings(
        text: str | bytes | None = None, environ: Mapping[str, str] | None = None, **code: Any
    ) -> Settings:
        if text is not None:
            data = text if isinstance(text, bytes) else text.encode()
            (tmp_path / "openlineage.yml").write_bytes(data)
        return load(environ=environ or {}, cwd=tmp_path, home=tmp_path / "home", **code)

    return settings


@pytest.fixture
def complaint(read: Callable[..., Settings], tmp_path: Path) -> Callable[..., str]:
    """The message of the error that a configuration gives, with the directory taken out of it."""

    def message(*args: Any, **kwargs: Any) -> str:
        with pytest.raises(ConfigError) as caught:
            read(*args, **kwargs)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return message
