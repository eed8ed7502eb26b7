"""``%load_ext lineage_kit`` and ``%unload_ext lineage_kit``: one session per shell, however many there are."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from lineage_kit.client.notice import say_elsewhere
from lineage_kit.notebook.display.formatters import register, unregister
from lineage_kit.notebook.hooks import Hooks
from lineage_kit.notebook.magics import LineageMagics
from lineage_kit.notebook.session import Session
from lineage_kit.notebook.title import title_of

_attached: WeakKeyDictionary[Any, Hooks] = WeakKeyDictionary()


def load_ipython_extension(shell: Any) -> None:
    """Make each cell of `shell` a run from now on; a second time changes nothing."""
    if shell in _attached:
        return
    is_kernel = getattr(shell, "kernel", None) is not None
    session = Session(lambda: title_of(shell.user_ns, is_kernel=is_kernel))
    hooks = _attached[shell] = Hooks(shell, session)
    session.turn_on()
    session.look_back(shell.user_ns.get("In"))
    say_elsewhere()
    hooks.attach()
    shell.register_magics(LineageMagics(shell, session))
    register(shell, session.heard)


def unload_ipython_extension(shell: Any) -> None:
    """End the session's run and take everything back."""
    hooks = _attached.pop(shell, None)
    if hooks is not None:
        hooks.detach()
        unregister(shell)
        for kind in ("line", "cell"):
            shell.magics_manager.magics[kind].pop("lineage", None)
