"""Every standard facet, by what it hangs on; `standard` finds a facet's class by home and key."""

from __future__ import annotations

from functools import cache

from lineage_kit.event.facet import REGISTRY, BaseFacet


@cache
def standard() -> dict[tuple[str, str], type[BaseFacet]]:
    """(home, key) → class, of every facet of the standard: ``standard()["job", "sql"]`` is `SQLJobFacet`."""
    from lineage_kit.event.facets import dataset, job, lineage, quality, run, subset

    found: dict[tuple[str, str], type[BaseFacet]] = {}
    for module in (run, job, dataset, quality, lineage, subset):
        for kind in vars(module).values():
            if isinstance(kind, type) and issubclass(kind, BaseFacet) and kind.__module__ == module.__name__:
                found[kind.facet_home, kind.facet_key] = kind
    return found


def facet_class(home: str, key: str) -> type[BaseFacet] | None:
    """The class of a facet: the standard's, else one the user declared with this home and key, else None."""
    return standard().get((home, key)) or REGISTRY.get((home, key))
