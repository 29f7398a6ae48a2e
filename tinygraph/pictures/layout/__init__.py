"""Where boxes, arrows and clusters of a picture stand: a layered layout that needs no other program.

The steps, a file each: `layers` (longest paths), `net` (labels, passing edges and clusters' walls become items of
the layers), `order` (few crossings), `position` (straight chains, nothing overlaps), `channels` and `routes` (the
ways of the edges), `place` (all of it, wrapped where it is long). After Sugiyama, Tagawa and Toda, "Methods for
visual understanding of hierarchical system structures" (1981), and the aligned blocks of Brandes and Köpf, "Fast and
simple horizontal coordinate assignment" (2002). No step recurses.
"""

from .place import Placement, layout

__all__ = ["Placement", "layout"]
