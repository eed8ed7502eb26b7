"""``python -m lineage_kit``: the same as ``lineage-kit``."""

from lineage_kit.cli import main

if __name__ == "__main__":
    main()
