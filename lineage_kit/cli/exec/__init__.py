"""``lineage-kit exec``: any program as a run, told by nothing but how it is started and how it ends."""
