"""Forward and backward step by step, with their numbers; and the derivation of a gradient, as formulas and LaTeX.

`walk` computes the steps of forward and backward, which `step` describes; `formulas` derives the gradient, in the
`notation` of lines of text or in `latex`.
"""
