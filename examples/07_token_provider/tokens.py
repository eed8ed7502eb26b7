"""Tokens that expire: fetched when needed, kept until shortly before their end."""

import time
from collections.abc import Mapping

from lineage_kit import TokenProvider


class ShortLivedToken(TokenProvider):
    """Whoever sends events asks `get_bearer`, on a thread of its own: it may take its time."""

    def __init__(self, options: Mapping[str, str]) -> None:
        self.lifetime = float(options["lifetime"])
        self.expires = 0.0

    def get_bearer(self) -> str:
        if time.monotonic() > self.expires:
            self.expires = time.monotonic() + self.lifetime
            self.token = f"token-{time.time_ns()}"  # here you would call your identity provider
        return f"Bearer {self.token}"
