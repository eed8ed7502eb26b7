"""`derived_from` and `columns`: which datasets and columns something was made of."""
