"""What NumPy's arrays have, a tensor has with the same meaning, or says what to write."""

import io
import math
import pickle
import statistics

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.ops import habits

A = np.arange(6.0).reshape(2, 3) + 0.5
CALLS = {
    "all": (), "any": (), "argmax": (1,), "argmin": (1,), "argpartition": (1,), "argsort": (0,),
    "astype": (np.float32,),
    "choose": None, "clip": (1.0, 3.0), "compress": ([True, False], 0), "conj": (), "conjugate": (), "copy": ("C",),
    "cumprod": (1,), "cumsum": (1,), "diagonal": (1,), "dot": (A.T,), "dump": None, "dumps": None, "fill": (2.5,),
    "flatten": ("F",), "item": (4,), "max": (1,), "mean": (1,), "min": (1,), "nonzero": (), "partition": (1,),
    "prod": (1,), "put": ([0, -1], [7.0, 8.0]), "ravel": ("F",), "repeat": (2, 1), "reshape": (3, 2), "resize": None,
    "round": (1,), "searchsorted": None, "sort": (0,), "squeeze": (), "std": (1,), "sum": (1,), "swapaxes": (0, 1),
    "take": ([0, 2], 1), "to_device": ("cpu",), "tobytes": None, "tofile": None, "tolist": (), "trace": (1,),
    "transpose": (1, 0), "var": (1,), "view": (),
}  # fmt: skip


def public():
    gone = ("newbyteorder",)  # a name that NumPy 2.0 keeps for its error
    return [name for name in dir(np.ndarray) if not name.startswith("_") and name not in gone]


@pytest.mark.parametrize("name", public())
def test_every_public_name_of_an_array_is_there_or_says_what_to_write(name):
    t = tg.tensor(A)
    if name in habits.OF_TENSORS:
        with pytest.raises(AttributeError, match="; write "):
            getattr(t, name)
    elif not callable(getattr(A, name)):
        found = getattr(t, name)
        if name not in ("data", "flags", "flat"):
            np.testing.assert_array_equal(found.numpy() if isinstance(found, tg.Tensor) else found, getattr(A, name))
    else:
        assert callable(getattr(t, name))
        assert name in CALLS, f"give {name} a row"


@pytest.mark.parametrize("name", [name for name, args in CALLS.items() if args is not None])
@pytest.mark.parametrize("tracked", [False, True])
def test_a_method_does_what_numpys_does(name, tracked):
    a, t = A.copy(), tg.tensor(A, requires_grad=tracked) * 1.0
    expected, found = getattr(a, name)(*CALLS[name]), getattr(t, name)(*CALLS[name])
    for p, q in zip(expected, found, strict=True) if isinstance(expected, tuple) else [(expected, found)]:
        q = q.numpy() if isinstance(q, tg.Tensor) else q
        assert type(p) is type(q) or np.asarray(p).dtype == q.dtype
        np.testing.assert_array_equal(p, q)
    np.testing.assert_array_equal(a, t.numpy())


def test_the_rest_of_the_methods():
    t = tg.tensor(A)
    assert [float(x) for x in t.flat] == A.ravel().tolist()
    assert t.flat[4].item() == A.flat[4]
    t.flat = [1.0, 2.0]
    assert t.tolist() == [[1, 2, 1], [2, 1, 2]]
    assert tg.tensor([0, 1]).choose([A[0, :2], A[1, :2]]).tolist() == [0.5, 4.5]
    assert tg.tensor([1.0, 2.0]).searchsorted(1.5).item() == 1
    assert pickle.loads(t.dumps()).tolist() == t.tolist()
    file = io.BytesIO()
    t.dump(file)
    assert file.getvalue() == t.dumps()
    assert not t.flags.writeable
    assert 2.0 in t
    assert 5.0 not in t


def test_a_file_of_the_elements(tmp_path):
    tg.tensor(A).tofile(tmp_path / "x")
    assert np.fromfile(tmp_path / "x").tolist() == A.ravel().tolist()


@pytest.mark.parametrize("f", [round, math.trunc, math.floor, math.ceil, lambda x: round(x, 1)])
def test_rounding_by_python_is_recorded_with_slope_0(f):
    assert tg.grad(lambda x: f(x) * x)(1.64) == pytest.approx(float(f(np.float64(1.64))))


def test_orders_and_casts_are_differentiated():
    weights = np.arange(6.0)
    for f in (
        lambda x: x.reshape((3, 2), order="F").reshape(6),
        lambda x: x.ravel(order="F"),
        lambda x: x.flatten("F"),
    ):
        right = weights[np.argsort(f(np.arange(6).reshape(2, 3)))]
        assert tg.grad(lambda x, f=f: (f(x) * weights).sum())(A).ravel().tolist() == right.tolist()
    x = tg.tensor(A, requires_grad=True)
    assert x.astype(float, copy=False) is x
    assert x.astype(np.float32, copy=False).dtype == np.float32
    if np.lib.NumpyVersion(np.__version__) < "2.1.0":
        pytest.skip("reshape has the setting copy since NumPy 2.1")
    assert np.reshape(x, (3, 2), copy=True).requires_grad
    with pytest.raises(TypeError, match="astype: float64 cannot be cast to int64 as casting='safe'; allow it"):
        x.astype(int, casting="safe")
    with pytest.raises(
        ValueError, match=r"reshape: shape \(2, 3\) in order 'F' needs a copy for \(6,\); allow it by copy"
    ):
        np.reshape(x, (6,), order="F", copy=False)


def test_what_is_refused_says_what_to_write():
    t = tg.tensor(A)
    with pytest.raises(TypeError, match=r"view: bits read as another type .* write t\.reshape\(3, 2\)"):
        t.view(3, 2)
    with pytest.raises(TypeError, match=r"resize: a tensor keeps its shape \(2, 3\); write t = np\.resize\(t, shape\)"):
        t.resize((3, 3))
    with pytest.raises(ValueError, match="to_device: 'cuda' is not there; tensors are NumPy's, on 'cpu'"):
        t.to_device("cuda")
    with pytest.raises(TypeError, match=r"len\(\) of a 0-d tensor, which is one number"):
        len(tg.tensor(1.0))
    with pytest.raises(tg.NotDifferentiable, match=r"statistics\.mean: .*use np\.mean"):
        statistics.mean(tg.tensor([1.0, 2.0], requires_grad=True))


def test_astype_takes_what_numpys_function_takes():
    t = tg.tensor([1.5, 2.0], requires_grad=True)
    assert tg.astype(t, np.float64, copy=False) is t
    assert tg.astype(t, np.float64, copy=True) is not t
    assert tg.astype(t, np.float32, device="cpu").dtype == np.float32
    if hasattr(np, "astype"):  # since NumPy 2.1
        assert np.astype(t, np.float32, copy=True).dtype == np.float32
    with pytest.raises(ValueError, match="astype: device='gpu' is not there; tensors are NumPy's"):
        tg.astype(t, np.float32, device="gpu")
