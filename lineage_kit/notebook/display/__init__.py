"""What people see of a notebook's lineage: a badge, trees, graphs, files."""
