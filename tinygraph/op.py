"""Kept for a version: `tinygraph.engine.op` and `tinygraph.engine.declare`, where these stand now."""

from .engine.declare import define as define
from .engine.declare import elementwise as elementwise
from .engine.declare import linear as linear
from .engine.declare import primitive as primitive
from .engine.declare import registry as registry
from .engine.declare import ufuncs as ufuncs
from .engine.op import Function as Function
from .engine.op import Op as Op
from .engine.op import Rule as Rule
