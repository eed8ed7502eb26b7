"""One wrapper per kind of function: each is "enter, call, leave".

Wrappers find all they need in what `kept.Kept` holds for them and refer to no global name, so that they travel by value
(cloudpickle) as well as by name, and stay whole where a session writes one over another.
"""
