"""What the JSON of an event must look like, so that it can be checked with paths and read into structs."""
