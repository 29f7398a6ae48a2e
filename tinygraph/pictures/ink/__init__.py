"""What every picture needs, whatever it shows: escaping, widths of text, numbers, and the writing of files.

`escape` makes foreign text safe, `metrics` says how wide text is, `numbers` how values are written, and `files`
puts the result into a file.
"""
