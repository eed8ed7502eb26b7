"""Trees of runs as lines of text for a terminal or a pipe."""

from lineage_kit.history.drawing.rendering import Style, render

__all__ = ["Style", "render"]
