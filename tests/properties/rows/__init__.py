"""Rows of the table, a file per family: each has `ROWS`, by the name of the op, and may have `EXTRA`."""
