"""What we say: the objects of the OpenLineage standard, and their way to bytes and back."""

from lineage_kit.event.encode import encode
from lineage_kit.event.ids import new_id

__all__ = ["encode", "new_id"]
