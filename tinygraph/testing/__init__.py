"""Property tests for declared operations, ours and users' own. Import it as `import tinygraph.testing`.

`check_op(op)` runs the whole suite on one operation, `op_checks(op)` lists its checks as tests of their own;
`tinygraph.testing.strategies` draws shapes, values and
views for tests with hypothesis, which is only needed there.
"""

from .cases import Case, derived_cases
from .suite import PROPERTIES, OpCheck, check_op, op_checks

__all__ = ["PROPERTIES", "Case", "OpCheck", "check_op", "derived_cases", "op_checks"]
