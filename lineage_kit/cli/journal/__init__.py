"""``lineage-kit journal``: what waits on this machine for its destinations, and what is to become of it."""
