"""Training models on data: the loop, the models, what is saved, and the report."""
