"""The Tensor: the handle a person holds, with NumPy's operators, methods and protocols."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from .. import ops, tensors
from ..engine import memory
from ..engine.names import name_array
from ..engine.node import Recorded, wrap
from ..engine.watch import watch
from ..errors import NotDifferentiable
from . import conversions, copies, functions, writing
from .methods import ArrayMethods

Array = np.ndarray[Any, Any]


def _right_operator(function: Callable[..., Any]) -> Callable[[Tensor, Any], Any]:
    """The operator of a Tensor on the right of something that is none, as in 2 - t."""

    def operator_on_right(self: Tensor, other: Any) -> Any:
        return function(other, self)

    return operator_on_right


class Tensor(ArrayMethods):
    """An array that records what is done with it. Make one with `tg.tensor` or `tg.asarray`.

    Supports NumPy's operators, methods and functions; `requires_grad` says whether operations are recorded,
    `backward()` computes gradients, `grad` holds them. `x[i] = v` and `x += y` give the handle a new value
    and, as in NumPy, all views of it, and leave alone what was recorded before. Compares elementwise, hashes by
    identity.
    """

    __slots__ = ()
    __hash__: ClassVar[Any] = object.__hash__

    def __init__(self, data: Any, requires_grad: bool = False, name: str | None = None) -> None:
        self._array, self.node, self._name = conversions.array_of_numbers(data), None, name
        if name is not None:
            name_array(self._array, name)
        if requires_grad:
            self.requires_grad_()

    # -------------------------------------------------------------------------------------- what it is
    @property
    def data(self) -> Array:
        """The ndarray itself. Assign an array of the same shape to give the tensor new values."""
        conversions.not_traced("data")
        value = self._array
        if type(value) is not np.ndarray:
            value = self._array = np.asarray(value)
            return value
        del value
        if memory.is_shared(self):
            watch(self._array)
        return self._array  # type: ignore[no-any-return]

    @data.setter
    def data(self, value: Any) -> None:
        conversions.not_traced("data")
        value = value._array if isinstance(value, Recorded) else value
        if value is not self._array:
            writing.replace(self, conversions.cast_like("data", conversions.array_of_numbers(value), self))

    @property
    def name(self) -> str | None:
        """Name shown in pictures and messages."""
        return getattr(self, "_name", None) if self.node is None else self.node.fact("name")

    @name.setter
    def name(self, name: str | None) -> None:
        if self.node is not None:
            self.node.note("name", name)
        else:
            self._name = name
            name_array(self._array, name)

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return self._array.shape  # type: ignore[no-any-return]

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        return self._array.dtype  # type: ignore[no-any-return]

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self._array.ndim  # type: ignore[no-any-return]

    @property
    def size(self) -> int:
        """Number of elements."""
        return self._array.size  # type: ignore[no-any-return]

    @property
    def T(self) -> Tensor:  # noqa: N802  NumPy's name
        """The transpose: axes in reverse order."""
        return ops.transpose(self)

    @property
    def mT(self) -> Tensor:  # noqa: N802  NumPy's name
        """The transpose of the last two axes."""
        return ops.swapaxes(self, axis1=-1, axis2=-2)

    @property
    def real(self) -> Tensor:
        """The real part, recorded."""
        return ops.real(self)

    @property
    def imag(self) -> Tensor:
        """The imaginary part, recorded; zeros for a real tensor."""
        return ops.imag(self)

    # ------------------------------------------------------------------------------- leaving the graph
    def numpy(self) -> Array:
        """The value as a read-only array, without copying; what is done with it is not recorded.

        >>> tensor([1.0, 2.0]).numpy()
        array([1., 2.])
        """
        conversions.not_traced("numpy")
        view = np.asarray(self._array).view()
        view.flags.writeable = False
        return view

    def detach(self) -> Tensor:
        """The same value, untracked: no gradient flows through it. A later write into either leaves the other alone."""
        return wrap(type(self), self._array, None)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        if self.node is not None:
            raise NotDifferentiable(tensors.leaving.message("np.asarray", self.shape))
        conversions.not_traced("np.asarray")
        return np.array(self._array, dtype=dtype, copy=copy)

    def __float__(self) -> float:
        if self.node is not None:
            raise NotDifferentiable(tensors.leaving.message("float", self.shape))
        conversions.not_traced("float")
        return float(self._array.item())

    def __int__(self) -> int:
        if self.node is not None:
            raise NotDifferentiable(tensors.leaving.message("int", self.shape))
        conversions.not_traced("int")
        return int(self._array.item())

    def __complex__(self) -> complex:
        if self.node is not None:
            raise NotDifferentiable(tensors.leaving.message("complex", self.shape))
        conversions.not_traced("complex")
        return complex(self._array.item())

    def __index__(self) -> int:
        if self.dtype.kind not in "iu" or self.ndim:
            raise TypeError(
                f"index: only a 0-d tensor of integers is one, not {self.dtype} of shape {self.shape}; as NumPy says"
            )
        conversions.not_traced("index")
        return operator.index(self._array[()])

    def __bool__(self) -> bool:
        conversions.not_traced("bool")
        return bool(self._array)

    def __len__(self) -> int:
        if self.ndim == 0:
            raise TypeError("len() of a 0-d tensor, which is one number; t.size is 1, and t.ndim is 0")
        return len(self._array)

    def __iter__(self) -> Iterator[Tensor]:
        if self.ndim == 0:
            raise TypeError("iter: a 0-d tensor has nothing to iterate over; use .item() for its value")
        if self.node is not None and tensors.leaving.asked_by(sys._getframe(1), "np.fromiter"):
            raise NotDifferentiable(tensors.leaving.message("np.fromiter", self.shape))
        return (self[i] for i in range(len(self._array)))

    # ----------------------------------------------------------------------------------------- operators
    __add__, __sub__, __mul__, __truediv__ = ops.add, ops.subtract, ops.multiply, ops.divide
    __floordiv__, __mod__, __matmul__ = ops.floor_divide, ops.remainder, ops.matmul
    __neg__, __pos__, __abs__, __invert__ = ops.negative, ops.positive, ops.absolute, ops.invert
    __lt__, __le__, __gt__, __ge__ = ops.less, ops.less_equal, ops.greater, ops.greater_equal
    __and__, __or__, __xor__ = ops.bitwise_and, ops.bitwise_or, ops.bitwise_xor
    __lshift__, __rshift__, __divmod__ = ops.left_shift, ops.right_shift, ops.divmod

    __radd__, __rsub__ = _right_operator(ops.add), _right_operator(ops.subtract)
    __rmul__, __rpow__ = _right_operator(ops.multiply), _right_operator(ops.power)
    __rtruediv__, __rfloordiv__ = _right_operator(ops.divide), _right_operator(ops.floor_divide)
    __rmod__, __rmatmul__ = _right_operator(ops.remainder), _right_operator(ops.matmul)
    __rlshift__, __rrshift__, __rdivmod__ = (
        _right_operator(ops.left_shift),
        _right_operator(ops.right_shift),
        _right_operator(ops.divmod),
    )

    def __pow__(self, exponent: Any) -> Tensor:
        return ops.square(self) if type(exponent) is int and exponent == 2 else ops.power(self, exponent)

    def __eq__(self, other: object) -> Any:
        return ops.equal(self, other) if conversions.comparable(other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return ops.not_equal(self, other) if conversions.comparable(other) else NotImplemented

    def __getitem__(self, index: Any) -> Tensor:
        return ops.getitem(self, index=index)

    def __setitem__(self, index: Any, value: Any) -> None:
        writing.assign(self, index, value)

    def __iadd__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return self._rebind("+=", ops.add(self, other))

    def __isub__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return self._rebind("-=", ops.subtract(self, other))

    def __imul__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return self._rebind("*=", ops.multiply(self, other))

    def __itruediv__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return self._rebind("/=", ops.divide(self, other))

    def __ipow__(self, other: Any) -> Tensor:
        return self._rebind("**=", self**other)

    def __imatmul__(self, other: Any) -> Tensor:  # type: ignore[misc]
        return self._rebind("@=", ops.matmul(self, other))

    _rebind = writing.rebind

    # ------------------------------------------------------------------------------------ NumPy's protocols
    __array_ufunc__, __array_function__ = functions.array_ufunc, functions.array_function
    __array_namespace__ = functions.array_namespace

    __dlpack__, __dlpack_device__, tobytes = conversions.dlpack, conversions.dlpack_device, conversions.tobytes
    __dask_tokenize__, __pandas_priority__ = conversions.dask_token, conversions.PANDAS_PRIORITY

    # ------------------------------------------------------------------------------------ text and copies
    def __repr__(self) -> str:
        text = np.array2string(np.asarray(self._array), separator=", ", prefix="tensor(")
        facts = [f"shape={self.shape}"] if self.size == 0 and self.ndim != 1 else []
        facts += [f"dtype={self.dtype}"] if self.dtype not in (np.float64, np.int64, np.bool_) else []
        if self.name is not None:
            facts.append(f"name={self.name!r}")
        if self.node is not None:
            facts.append("requires_grad=True" if self.node.op is None else f"op={self.node.op.name!r}")
        return f"tensor({', '.join([text, *facts])})"

    def __format__(self, spec: str) -> str:
        conversions.not_traced("format")
        return format(self._array.item(), spec) if spec else str(self)

    __reduce__, __copy__, __deepcopy__ = copies.reduce, copies.copy, copies.deepcopy


def tensor(data: Any, requires_grad: bool = False, dtype: Any = None, name: str | None = None) -> Tensor:
    """A new Tensor with a copy of `data`: a number, nested lists, an array or a Tensor.

    `dtype` converts; `requires_grad` makes it a leaf whose gradient `backward()` computes; `name` is shown in
    pictures and messages. Raises TypeError for data that is not numbers, and for `requires_grad` on integers.

    >>> tensor([1.0, 2.0], requires_grad=True)
    tensor([1., 2.], requires_grad=True)
    """
    array = conversions.new_array("tensor", data, dtype, copy=True)
    if not array.ndim and (requires_grad or name is None):
        array = array[()]  # arithmetic on NumPy's scalars is ten times faster than on 0-d arrays
    return Tensor(array, requires_grad, name)


def asarray(data: Any, requires_grad: bool = False, dtype: Any = None, name: str | None = None) -> Tensor:
    """A Tensor on `data` without copying where possible: an array stays shared with its owner.

    Changing the shared array between recording and backward gives wrong gradients; `detect_anomaly` finds it.

    >>> a = np.zeros(2)
    >>> asarray(a).data is a
    True
    """
    if isinstance(data, Tensor) and not requires_grad and name is None and dtype in (None, data.dtype):
        return data
    return Tensor(conversions.new_array("asarray", data, dtype, copy=False), requires_grad, name)


_restore = copies.restore  # the name in pickles of earlier versions
