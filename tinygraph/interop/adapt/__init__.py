"""Other people's NumPy code differentiated as it stands: the names of its modules stand for recording ones."""
