"""What a scene is written as, a file each, every one a function of the scene.

`dot` and `mermaid` are languages of other programs, `text` is for terminals, `paint` our own SVG, with `outlines` of
boxes and `curves` of arrows in the `style` that all share; `render` has Graphviz draw, `page` makes the HTML to click
in, `notebook` what a cell shows, and `save` a file.
"""
