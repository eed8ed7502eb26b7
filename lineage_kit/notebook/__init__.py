"""``%load_ext lineage_kit``: cells of a notebook as runs, in Jupyter, VS Code or plain IPython."""

from lineage_kit.notebook.extension import load_ipython_extension, unload_ipython_extension

__all__ = ["load_ipython_extension", "unload_ipython_extension"]
