"""The Tensor: the handle a person holds, what it accepts and refuses, and how NumPy's functions take it."""
