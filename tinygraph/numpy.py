"""`import tinygraph.numpy as np`: the namespace of interop/namespaces/numpy by a path of its own."""

from sys import modules

from .interop.namespaces.numpy import numpy

modules[__name__] = numpy
