"""`import tinygraph.math as math`: the namespace of interop/namespaces/math by a path of its own."""

from sys import modules

from .interop.namespaces.math import math

modules[__name__] = math
