"""Which names of keys tell that their value is a secret."""

from __future__ import annotations

import re

MAX_REMEMBERED = 4096

_WHOLE_WORDS = {"pwd", "passcode", "token", "bearer", "jwt", "cookie", "dsn", "auth", "sig", "sas"}
_COMPOUNDS = (
    "password", "passwd", "passphrase", "secret", "authorization", "credential", "apikey", "accesskey", "accountkey",
    "encryptionkey", "masterkey", "privatekey", "sharedkey", "signingkey", "sshkey", "storagekey", "subscriptionkey",
    "connectionstring", "connstr", "amzsignature", "googsignature",
)  # fmt: skip
_ABOUT = {  # "token_count" tells about tokens and holds none
    "count", "enabled", "endpoint", "expires", "expiration", "expiry", "length", "limit", "policy", "required", "size",
    "type", "uri", "url", "usage",
}  # fmt: skip
words_of = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+").findall

_verdicts: dict[tuple[str, tuple[str, ...]], bool] = {}


def is_secret_name(name: str, more: tuple[str, ...] = ()) -> bool:
    """Whether a key of this name holds a secret: ``db_password``, ``X-Api-Key``, ``githubToken``.

    `more` are further names, compared without case and separators, also as a part of the name.
    """
    verdict = _verdicts.get((name, more))
    if verdict is None:
        if len(_verdicts) >= MAX_REMEMBERED:
            _verdicts.clear()
        verdict = _verdicts[name, more] = _judge(name[:200], more)
    return verdict


def _judge(name: str, more: tuple[str, ...]) -> bool:
    words = [word.lower() for word in words_of(name)]
    together = "".join(words)
    if _is_own(together, more):
        return True
    if not words or words[-1] in _ABOUT or together == "oldpwd":
        return False
    if any(compound in together for compound in _COMPOUNDS) or not _WHOLE_WORDS.isdisjoint(words):
        return True
    return words[-1] == "pass" and len(words) > 1


def _is_own(together: str, more: tuple[str, ...]) -> bool:
    names = ("".join(words_of(name)).lower() for name in more)
    return any(name in together for name in names if name)
