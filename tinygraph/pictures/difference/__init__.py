"""Two graphs compared: `match` finds which values are the same, `differences` says how these differ."""
