"""Charts of training: curves, weight images, histograms by layer, decision boundaries, confusions. SVG, no dependency.

>>> import tinygraph as tg
>>> tg.plot.curves({"loss": [1.0, 0.5, 0.25]})
<Chart '': loss from 1 to 0.25, over epoch 1 to 3>
"""

from .boundary import boundary
from .chart import Chart
from .confusion import confusion
from .curves import curves
from .histograms import histograms
from .images import images
from .layers import activations, gradients
from .scatter import scatter

__all__ = ["Chart", "activations", "boundary", "confusion", "curves", "gradients", "histograms", "images", "scatter"]
