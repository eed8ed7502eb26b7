"""What is read from a function and the arguments of a call: parameters, templates, datasets, names."""
