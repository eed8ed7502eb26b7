"""Objects that stand for a function where a closure would not do: they pickle as their parts."""
