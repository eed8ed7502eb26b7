"""``lineage-kit jobs``: the jobs that modules hold, as they are written, without running them."""
