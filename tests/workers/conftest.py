"""A folder to run programs in and a backend that notes what their workers send."""

from tests.support.workers import folder, server

__all__ = ["folder", "server"]
