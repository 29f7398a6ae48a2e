"""The methods and attributes of NumPy's arrays on a Tensor: each does the same, or says what to write."""

from __future__ import annotations

import inspect
import operator
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from .. import ops, tensors
from ..engine import mode
from ..ops import habits
from ..ops.complex_parts import conjugate_of
from . import conversions
from .gradient import Differentiable

if TYPE_CHECKING:
    from typing_extensions import Self


class _Elsewhere:
    """An attribute of other libraries' tensors: asked for, it says what to write here.

    One for each name, as a `__getattr__` would slow down every other attribute.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __get__(self, t: Any, owner: type | None = None) -> _Elsewhere:
        if t is None:  # of the class, for tools that look at all that is there
            return self
        raise AttributeError(habits.of_tensor(self.name), name=self.name, obj=t)


def _names_elsewhere() -> set[str]:
    """What PyTorch's tensors have, and NumPy's functions as methods, also in place: t.exp_()."""
    theirs = {name for name in vars(ops) if callable(getattr(np, name, None))}
    return {*habits.OF_TENSORS, *theirs, *[f"{name}_" for name in theirs]}


class NamesElsewhere:
    """The last base of Tensor, for names that nothing before it has: each says what to write."""

    __slots__ = ()

    if not TYPE_CHECKING:
        vars().update({name: _Elsewhere(name) for name in _names_elsewhere()})


class ArrayMethods(Differentiable, NamesElsewhere):
    """Base of Tensor that adds what `np.ndarray` has beyond operators."""

    __slots__ = ()

    if TYPE_CHECKING:  # what Tensor adds

        def _rebind(self, function: str, new: Any) -> Self: ...

        @property
        def ndim(self) -> int: ...

        def numpy(self) -> np.ndarray[Any, Any]: ...

        def __iter__(self) -> Iterator[Self]: ...

        def __getitem__(self, index: Any) -> Self: ...

        def __setitem__(self, index: Any, value: Any) -> None: ...

    # ------------------------------------------------------------------------------------- how it lies in memory
    @property
    def itemsize(self) -> int:
        """Bytes that an element takes."""
        return self._array.itemsize  # type: ignore[no-any-return]

    @property
    def nbytes(self) -> int:
        """Bytes that the elements take."""
        return self._array.nbytes  # type: ignore[no-any-return]

    @property
    def strides(self) -> tuple[int, ...]:
        """Bytes from an element to the next along each axis."""
        return self._array.strides  # type: ignore[no-any-return]

    @property
    def flags(self) -> Any:
        """How the array lies in memory, as NumPy tells it; those of a read-only view."""
        return self.numpy().flags

    @property
    def device(self) -> str:
        """Where the array lies: "cpu", as NumPy says."""
        return "cpu"

    def to_device(self, device: str, /, *, stream: None = None) -> Self:
        """The tensor itself, on the only device there is, "cpu"; ValueError for another."""
        if device != "cpu" or stream is not None:
            raise ValueError(f"to_device: {device!r} is not there; tensors are NumPy's, on 'cpu'")
        return self

    # --------------------------------------------------------------------------------------------- functions
    exp, log, sqrt, tanh, sigmoid, relu = ops.exp, ops.log, ops.sqrt, ops.tanh, ops.sigmoid, ops.relu
    sin, cos, abs, square, sign, clip = ops.sin, ops.cos, ops.absolute, ops.square, ops.sign, ops.clip
    round = ops.round
    conj = conjugate = conjugate_of
    sum, mean, var, std, prod, max, min = ops.sum, ops.mean, ops.var, ops.std, ops.prod, ops.max, ops.min
    any, all, argmax, argmin, cumsum, cumprod = ops.any, ops.all, ops.argmax, ops.argmin, ops.cumsum, ops.cumprod
    swapaxes, squeeze, repeat, take, dot = ops.swapaxes, ops.squeeze, ops.repeat, ops.take, ops.dot
    softmax, log_softmax, logsumexp = ops.softmax, ops.log_softmax, ops.logsumexp
    diagonal, trace, choose, nonzero = ops.diagonal, ops.trace, ops.choose, ops.nonzero
    argsort, argpartition, searchsorted = ops.argsort, ops.argpartition, ops.searchsorted

    def __round__(self, ndigits: int | None = None) -> Any:
        return ops.round(self, ndigits or 0)

    def __trunc__(self) -> Any:
        return ops.trunc(self)

    def __floor__(self) -> Any:
        return ops.floor(self)

    def __ceil__(self) -> Any:
        return ops.ceil(self)

    def __contains__(self, element: Any) -> bool:
        return bool(ops.any(ops.equal(self, element)))

    def as_integer_ratio(self) -> tuple[int, int]:
        """The value of one element as a fraction, which a recorded tensor refuses."""
        return float(self).as_integer_ratio()  # type: ignore[arg-type]

    def compress(self, condition: Any, axis: int | None = None, out: None = None) -> Any:
        """The parts along `axis` for which `condition` holds; of the flattened tensor by default."""
        return ops.compress(condition, self, axis, out)

    def sort(
        self, axis: int = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None,
        descending: bool | None = None,
    ) -> None:  # fmt: skip
        """Sort along `axis`: the handle gets the sorted value, as in item assignment; `np.sort` returns it."""
        self._rebind("sort", ops.sort(self, operator.index(axis), kind, order, stable=stable, descending=descending))

    def partition(self, kth: Any, axis: int = -1, kind: Any = "introselect", order: Any = None) -> None:
        """Partition along `axis`: the handle gets the new value, as in item assignment; `np.partition` returns it."""
        self._rebind("partition", ops.partition(self, kth, operator.index(axis), kind, order))

    def put(self, indices: Any, values: Any, mode: str = "raise") -> None:
        """Assign `values`, repeated as often as needed, to the elements `indices` of the flattened tensor."""
        ops.put(self, indices, values, mode)

    def fill(self, value: Any) -> None:
        """Assign `value` to all elements."""
        self[...] = value

    # ------------------------------------------------------------------------------------------ shapes and copies
    def reshape(self, *shape: Any, order: str = "C", copy: bool | None = None) -> Any:
        """The elements in a new shape, given as numbers or as one tuple; see `np.reshape`."""
        return ops.reshape(self, shape=shape[0] if len(shape) == 1 else shape, order=order, copy=copy)

    def transpose(self, *axes: Any) -> Any:
        """The axes permuted, given as numbers or as one tuple; reversed by default."""
        order = axes[0] if len(axes) == 1 else axes or None
        return ops.transpose(self, axes=order)

    def ravel(self, order: str = "C") -> Any:
        """The elements in one axis; `order` "F" counts the first axis fastest."""
        return ops.ravel(self, order)

    def flatten(self, order: str = "C") -> Any:
        """The elements in one axis, in memory of their own."""
        return ops.copy(ops.ravel(self, order))

    @property
    def flat(self) -> Any:
        """The elements in one axis, to go through or to index. Assign to give all of them new values."""
        return ops.ravel(self)

    @flat.setter
    def flat(self, values: Any) -> None:
        ops.put(self, np.arange(self._array.size), values)

    def astype(
        self, dtype: Any, order: str = "K", casting: Any = "unsafe", subok: bool = True, copy: bool = True
    ) -> Any:
        """The elements as `dtype`, recorded. Without `copy`, one of that dtype already is given back as it is.

        Raises TypeError where `casting` forbids it, as in `np.can_cast`.
        """
        if not copy and self.dtype == dtype:
            return self
        if casting != "unsafe" and not np.can_cast(self.dtype, dtype, casting):
            raise TypeError(
                f"astype: {self.dtype} cannot be cast to {np.dtype(dtype)} as casting={casting!r}; allow it"
            )
        return ops.astype(self, dtype=dtype)

    def copy(self, order: str = "C") -> Any:
        """A tensor of the same value in memory of its own, recorded."""
        return ops.copy(self, order)

    def view(self, *shape: Any, dtype: Any = None, type: Any = None) -> Any:
        """The same elements, as `t[...]`. NumPy's other use, bits read as another type, has no gradient."""
        if shape or dtype is not None or type is not None:
            raise TypeError(
                "view: bits read as another type have no gradient; for a shape, as in PyTorch, write t.reshape(3, 2), "
                "for a type t.astype(np.float32), for the bits t.numpy().view(...)"
            )
        return self[...]

    def resize(self, *new_shape: Any, refcheck: bool = True) -> NoReturn:
        """Refused: a tensor keeps its shape. `np.resize` gives a new one."""
        raise TypeError(f"resize: a tensor keeps its shape {self.shape}; write t = np.resize(t, shape)")

    # --------------------------------------------------------------------------------------- leaving the graph
    def item(self, *position: Any) -> Any:
        """The only element, or that at a position, as a Python number.

        Raises NotDifferentiable inside a transform that would lose it.

        >>> import tinygraph as tg
        >>> tg.tensor(2.5).item(), tg.tensor([1.0, 2.0]).item(1)
        (2.5, 2.0)
        """
        if mode.adapted.get() is not None:
            return (self[position] if position else self).reshape(())
        conversions.not_traced("item")
        tensors.leaving.forbid_inside("item", self)
        return self._array.item(*position)

    def tolist(self) -> Any:
        """The elements as nested Python lists. Raises NotDifferentiable inside a transform that would lose them."""
        if mode.adapted.get() is not None:
            return [row.tolist() for row in self] if self.ndim else self
        conversions.not_traced("tolist")
        tensors.leaving.forbid_inside("tolist", self)
        return self._array.tolist()

    def tofile(self, file: Any, sep: str = "", format: str = "%s") -> None:
        """Write the elements to a file, as NumPy does."""
        self.numpy().tofile(file, sep, format)

    def dump(self, file: Any) -> None:
        """Pickle the array of the elements into a file."""
        self.numpy().dump(file)

    def dumps(self) -> bytes:
        """The pickle of the array of the elements."""
        return self.numpy().dumps()

    # ------------------------------------------------------------------------------------------- for others
    @property
    def __array_interface__(self) -> dict[str, Any]:
        return conversions.array_interface(self)

    def __dir__(self) -> list[str]:
        cls = type(self)
        return [n for n in super().__dir__() if not isinstance(inspect.getattr_static(cls, n, None), _Elsewhere)]
