"""One wrapper per kind of function: each is "enter, call, leave".

Wrappers are closures that refer to importable names only, so that they travel by value (cloudpickle) as well as by
name.
"""
