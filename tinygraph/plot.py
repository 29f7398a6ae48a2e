"""Charts of training as `tg.plot`: these stand in `tinygraph.pictures.plot`."""

from .pictures.plot import Chart, activations, boundary, confusion, curves, gradients, histograms, images, scatter

__all__ = ["Chart", "activations", "boundary", "confusion", "curves", "gradients", "histograms", "images", "scatter"]
