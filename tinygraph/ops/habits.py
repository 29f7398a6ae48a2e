"""Names that PyTorch, JAX and autograd have and we have not, each with what to write instead, for errors."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np

F = TypeVar("F", bound=Callable[..., Any])

_AS_IT_IS = "t alone: it is in NumPy's memory already"
OF_TENSORS: dict[str, str] = {
    "H": "np.conj(t.mT)", "acos": "np.arccos(t)", "acosh": "np.arccosh(1 + t)", "add_": "t += u",
    "addmm": "u + t @ t.T @ u", "apply_": "np.vectorize(float)(t.numpy())", "asin": "np.arcsin(t)",
    "asinh": "np.arcsinh(t)", "at": "u = t.copy(); u[0] = 5.0", "atan": "np.arctan(t)", "atan2": "np.arctan2(t, u)",
    "atanh": "np.arctanh(t)", "base": "t.numpy().base", "bernoulli": "np.random.default_rng(0).binomial(1, t.numpy())",
    "block_until_ready": _AS_IT_IS, "bmm": "t @ u.mT", "bool": "t.astype(bool)", "byte": "t.astype(np.uint8)",
    "byteswap": "t.numpy().byteswap()", "chunk": "np.array_split(t, 2)", "clamp": "np.clip(t, 0, 1)",
    "clamp_": "t[...] = np.clip(t, 0, 1)", "clone": "t.copy()", "concat": "np.concatenate([t, u])",
    "contiguous": _AS_IT_IS, "copy_": "t[...] = u", "cpu": _AS_IT_IS, "ctypes": "t.numpy().ctypes", "cuda": _AS_IT_IS,
    "data_ptr": "t.numpy().ctypes.data", "detach_": "t = t.detach()", "devices": "t.device", "dim": "t.ndim",
    "dist": "np.linalg.norm(t - u)", "div": "t / u", "div_": "t /= u", "double": "t.astype(np.float64)",
    "element_size": "t.itemsize", "eq": "t == u", "expand": "np.broadcast_to(t, (2, 2, 3))",
    "expand_as": "np.broadcast_to(t, u.shape)", "fill_": "t.fill(5.0)", "fill_diagonal_": "np.fill_diagonal(t, 5.0)",
    "float": "t.astype(np.float32)", "floor_divide": "t // u", "frac": "np.modf(t)[0]",
    "gather": "np.take_along_axis(t, np.argsort(t, axis=1), axis=1)", "ge": "t >= u",
    "getfield": "t.numpy().getfield(np.float64)", "grad_fn": "tg.draw(t)", "gt": "t > u",
    "half": "t.astype(np.float16)", "index_add": "np.add.at(t, [0], 1.0)", "index_add_": "np.add.at(t, [0], 1.0)",
    "index_copy_": "t[[0]] = 5.0", "index_fill_": "t[[0]] = 5.0", "index_put_": "t[[0]] = 5.0",
    "index_select": "np.take(t, [0, 1], axis=1)", "int": "t.astype(np.int32)", "inverse": "np.linalg.inv(t @ t.T)",
    "is_contiguous": _AS_IT_IS, "is_cuda": "False", "is_floating_point": "t.dtype.kind == 'f'",
    "itemset": "t[0, 1] = 5.0", "le": "t <= u", "lerp": "t + 0.5 * (u - t)", "long": "t.astype(np.int64)",
    "lt": "t < u", "mH": "np.conj(t.mT)", "masked_fill": "np.where(t > 0, 5.0, t)", "masked_fill_": "t[t > 0] = 5.0",
    "masked_select": "t[t > 0]", "mm": "t @ u.T", "msort": "np.sort(t, axis=0)", "mul": "t * u", "mul_": "t *= u",
    "multinomial": "np.random.default_rng(0).choice(6)", "mv": "t @ t[0]",
    "narrow": "t[:, 0:2]", "ndimension": "t.ndim", "ne": "t != u", "neg": "-t", "nelement": "t.size",
    "new_empty": "tg.tensor(np.empty(3, t.dtype))", "new_full": "tg.tensor(np.full(3, 5.0, t.dtype))",
    "new_ones": "tg.tensor(np.ones(3, t.dtype))", "new_tensor": "tg.tensor([1, 2], dtype=t.dtype)",
    "new_zeros": "tg.tensor(np.zeros(3, t.dtype))", "norm": "np.linalg.norm(t)",
    "normal_": "t[...] = np.random.default_rng(0).normal(size=t.shape)", "numel": "t.size",
    "permute": "np.transpose(t, (1, 0))", "pow": "t ** 2", "pow_": "t **= 2", "ptp": "np.ptp(t)",
    "random_": "t[...] = np.random.default_rng(0).random(t.shape)", "resize_": "t = np.resize(t, (3, 3))",
    "rsqrt": "1 / np.sqrt(t)", "rsub": "u - t", "scatter": "np.put_along_axis(t, np.argsort(t, axis=1), 5.0, axis=1)",
    "scatter_": "np.put_along_axis(t, np.argsort(t, axis=1), 5.0, axis=1)", "scatter_add": "np.add.at(t, [0], 1.0)",
    "scatter_add_": "np.add.at(t, [0], 1.0)", "select": "t[0]", "setfield": "t[...] = u", "setflags": "t.detach()",
    "share_memory_": _AS_IT_IS, "short": "t.astype(np.int16)", "storage": "t.numpy()", "stride": "t.strides",
    "sub": "t - u", "sub_": "t -= u", "t": "t.T", "t_": "t = t.T", "tensor_split": "np.array_split(t, 2)",
    "to": "t.astype(np.float32)", "topk": "np.sort(t, axis=-1)[..., :-3:-1]", "tostring": "t.numpy().tobytes()",
    "transpose_": "t = t.T", "true_divide": "t / u", "type": "t.astype(np.float32)", "type_as": "t.astype(u.dtype)",
    "unbind": "[*t]", "unflatten": "t.reshape(2, 3, 1)",
    "unfold": "np.lib.stride_tricks.sliding_window_view(t, 2, axis=1)",
    "uniform_": "t[...] = np.random.default_rng(0).random(t.shape)", "unsqueeze": "np.expand_dims(t, 0)",
    "unsqueeze_": "t = np.expand_dims(t, 0)", "view_as": "t.reshape(u.shape)", "weak_type": "False",
    "zero_": "t.fill(0)", "zero_grad": "t.grad = None",
}  # fmt: skip
"""By what a tensor is asked for: what to write, of tensors t and u, where there is no function of that name here."""
OF_TG: dict[str, str] = {
    "Parameter": "tg.tensor([1.0, 2.0], requires_grad=True)", "Variable": "tg.tensor([1.0, 2.0], requires_grad=True)",
    "arange": "tg.tensor(np.arange(3.0))", "array": "tg.tensor([1.0, 2.0])", "as_tensor": "tg.asarray([1.0, 2.0])",
    "autograd": "tg.grad(np.sum)", "backward": "np.sum(t).backward()", "bmm": "t @ u.mT",
    "cat": "np.concatenate([t, u])", "chunk": "np.array_split(t, 2)", "clamp": "np.clip(t, 0, 1)",
    "cond": "np.where(t > 0, t, u)", "cuda": _AS_IT_IS, "custom_jvp": "tg.elementwise(lambda y, x: 2 * x)",
    "defjvp": "tg.custom_vjp(np.sin)", "defvjp": "tg.custom_vjp(np.sin)", "device": _AS_IT_IS,
    "device_get": "t.numpy()", "device_put": "tg.asarray(t)",
    "elementwise_grad": "tg.grad(lambda x: np.sum(np.sin(x)))", "empty": "tg.tensor(np.empty(3))",
    "eye": "tg.tensor(np.eye(3))", "float32": "np.float32", "float64": "np.float64",
    "from_numpy": "tg.asarray(np.ones(3))", "full": "tg.tensor(np.full(3, 5.0))", "func": "tg.vjp(np.sin, t)",
    "functional": "tg.softmax(t, axis=-1)", "gather": "np.take_along_axis(t, np.argsort(t, axis=1), axis=1)",
    "inference_mode": "tg.no_grad()", "int32": "np.int32", "int64": "np.int64", "is_tensor": "isinstance(t, tg.Tensor)",
    "jacfwd": "tg.jacobian(np.sin)", "jacrev": "tg.jacobian(np.sin)", "jit": "tg.compile(np.sin)",
    "lax": "np.where(t > 0, t, u)", "linearize": "tg.jvp(np.sin, (t,), (u,))", "load": "np.load",
    "make_hvp": "tg.hvp(lambda x: np.sum(x**3), (t,), (u,))", "make_jvp": "tg.jvp(np.sin, (t,), (u,))",
    "make_vjp": "tg.vjp(np.sin, t)", "manual_seed": "np.random.default_rng(0)",
    "masked_fill": "np.where(t > 0, 5.0, t)", "masked_select": "t[t > 0]", "mm": "t @ u.T", "mv": "t @ t[0]",
    "norm": "np.linalg.norm(t)", "numel": "t.size", "ones": "tg.tensor(np.ones(3))",
    "permute": "np.transpose(t, (1, 0))", "pmap": "[tg.grad(np.sum)(x) for x in t]",
    "rand": "tg.tensor(np.random.default_rng(0).random(3))",
    "randint": "tg.tensor(np.random.default_rng(0).integers(0, 5, 3))",
    "randn": "tg.tensor(np.random.default_rng(0).normal(size=3))",
    "randperm": "np.random.default_rng(0).permutation(3)", "rsqrt": "1 / np.sqrt(t)", "save": "np.savez",
    "scan": "[x * 2 for x in t]", "set_grad_enabled": "tg.enable_grad()", "size": "np.size(t)", "special": "tg.scipy",
    "stop_gradient": "t.detach()", "topk": "np.sort(t, axis=-1)[..., :-3:-1]",
    "tree_map": "[np.sin(x) for x in (t, u)]", "unbind": "[*t]", "unsqueeze": "np.expand_dims(t, 0)",
    "utils": "tg.plot", "view": "t.reshape(3, 2)", "vmap": "tg.jacobian(np.sin)", "zeros": "tg.tensor(np.zeros(3))",

}  # fmt: skip
"""The same by what the package `tg` is asked for."""
OF_LAYERS: dict[str, str] = {
    "apply": "[*m.modules()]", "buffers": "[*m.named_tensors()]", "children": "[*m.modules()]", "cpu": _AS_IT_IS,
    "cuda": _AS_IT_IS, "double": "[p.dtype for p in m.parameters()]", "float": "[p.dtype for p in m.parameters()]",
    "forward": "m(x)", "half": "[p.dtype for p in m.parameters()]", "named_children": "[*m.named_parameters()]",
    "named_modules": "[*m.named_parameters()]", "register_buffer": "m.mean = tg.tensor(0.0)",
    "register_parameter": "m.scale = tg.tensor(1.0, requires_grad=True)",
    "requires_grad_": "[p.requires_grad_(False) for p in m.parameters()]", "share_memory": _AS_IT_IS, "to": _AS_IT_IS,
}  # fmt: skip
"""The same by what a layer m is asked for."""
KEYWORDS = {"dim": "axis", "dims": "axis", "keepdim": "keepdims", "input": "the first argument", "unbiased": "ddof",
            "other": "the second argument", "axes": "axis", "dim0": "axis1", "dim1": "axis2"}  # fmt: skip
"""By PyTorch's name of an argument, ours."""


def of_tensor(name: str) -> str:
    """What is said where a tensor is asked for an attribute that it has not.

    >>> of_tensor("unsqueeze")
    "Tensor has no attribute 'unsqueeze'; write np.expand_dims(t, 0)"
    """
    instead = OF_TENSORS.get(name)
    if instead is None:
        stem = name.removesuffix("_")
        if callable(getattr(np, stem, None)) and not isinstance(getattr(np, stem), type):
            instead = f"np.{stem}(t)" if stem == name else f"t[...] = np.{stem}(t)"
    return _said(f"Tensor has no attribute {name!r}", instead)


def of_package(name: str) -> str:
    """What is said where the package is asked for a name that it has not."""
    return _said(f"module 'tinygraph' has no attribute {name!r}", OF_TG.get(name))


def of_layer(kind: str, name: str) -> str:
    """What is said where a layer is asked for an attribute that it has not."""
    return _said(f"{kind} has no attribute {name!r}", OF_LAYERS.get(name))


def _said(what: str, instead: str | None) -> str:
    return what if instead is None else f"{what}; write {instead}"


def told_of_keywords(f: F) -> F:
    """The function, whose error says what an argument is called here that PyTorch calls otherwise.

    One that takes no axis stays as it is, and so does a declared op, which lists its arguments itself. One that takes
    `other` arguments refuses them itself, for speed; its signature is shown without them.
    """
    function: Any = f
    code = getattr(inspect.unwrap(function), "__code__", None)
    if code is None or hasattr(function, "op") or "axis" not in code.co_varnames:
        return f
    if "other" in code.co_varnames:
        known = inspect.signature(function)
        function.__signature__ = known.replace(parameters=[p for n, p in known.parameters.items() if n != "other"])
        return f

    def told(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except TypeError as error:
            if any(f"argument '{k}'" in str(error) for k in kwargs if k in KEYWORDS):
                raise unknown(function.__name__, kwargs) from None
            raise

    return functools.update_wrapper(told, f)  # type: ignore[return-value]


def unknown(function: str, other: Mapping[str, Any]) -> TypeError:
    """The error for arguments that a function does not take."""
    ours = [f"{KEYWORDS[name]} for {name}" for name in other if name in KEYWORDS]
    instead = f"; write {', '.join(ours)}" if ours else ""
    return TypeError(f"{function}() got an unexpected keyword argument {', '.join(map(repr, other))}{instead}")
