"""A scene gone through line by line: as numbers, step after step, and as mathematics.

`walk` computes the steps of forward and backward, which `step` describes; `formulas` derives the gradient, in the
`notation` of lines of text or in `latex`.
"""
