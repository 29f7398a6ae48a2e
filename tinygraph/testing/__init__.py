"""Property tests for declared operations, ours and users' own. Import it as `import tinygraph.testing`.

`check_op(op)` runs the whole suite on one operation; `tinygraph.testing.strategies` draws shapes, values and
views for tests with hypothesis, which is only needed there.
"""

from .cases import Case, derived_cases
from .suite import PROPERTIES, check_op

__all__ = ["PROPERTIES", "Case", "check_op", "derived_cases"]
