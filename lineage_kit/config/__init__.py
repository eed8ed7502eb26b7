"""Settings: read once from code, environment and file, checked, frozen."""

from lineage_kit.config.convert import Raw, convert
from lineage_kit.config.notyet import not_yet
from lineage_kit.config.tree import Scalar, Section, masked, origin_of, plain

__all__ = ["Raw", "Scalar", "Section", "convert", "masked", "not_yet", "origin_of", "plain"]
