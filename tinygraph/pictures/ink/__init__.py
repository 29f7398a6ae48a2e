"""What every picture is written with, whatever it shows.

`escape` makes foreign text safe, `metrics` says how wide text is, `numbers` how values are written, and `files`
puts the result into a file.
"""
