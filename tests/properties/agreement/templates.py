"""Lines of a program beyond the declared ops: NumPy's functions, operands of all kinds, in-place, transforms.

`{a}` and `{b}` are values made before, `{t}` the new one; `{n}`, `{axis}`, `{keep}`, `{number}` are drawn from CHOICES.
A line that the values at hand do not allow is not taken, so that none needs a condition.
"""

CHOICES = {
    "n": ("2", "1", "3", "0", "-1"),
    "axis": ("None", "0", "-1", "1", "(0, 1)", "(-1,)"),
    "one": ("0", "-1", "1"),
    "keep": ("False", "True"),
    "number": (
        "2", "0.5", "-1.5", "3", "True", "np.float32(1.5)", "np.float64(0.25)", "np.float16(2)", "np.int64(3)", "0",
        "np.array(2)", "np.array([True])", "(0.5 + 1j)", "np.complex64(1j)", "np.array(0.5)", "np.int8(2)",
    ),
    "norm": ("None", "'ortho'", "'forward'", "'backward'"),
    "index": (
        "0", "-1", "...", "None", "slice(None, None, -1)", "(..., 0)", "[0, 0, -1]", "np.array([[0, -1]])", "()",
        "slice(1, None)", "(0, 0)", "(slice(None), [0, 0])", "np.array(True)", "(None, ..., None)", "np.int8(0)",
    ),
    "dtype": ("np.float64", "np.float32", "np.complex128", "np.complex64", "float", "np.float16"),
}  # fmt: skip

OPERANDS = """
{a} + {b}|{a} - {b}|{a} * {b}|{a} / {b}|{a} * {a}|{a} - {a}|{a} ** 2|{a} ** 3|{a} ** {number}|{number} ** {a}|-{a}
abs({a})|{a} + {number}|{number} - {a}|{a} * {number}|{number} / {a}|{a} / {number}|{a} % {b}|{a} // {b}
{a} % {number}|+{a}|{a} @ {b}|{a} @ {a}.T|{a}.T|{a}.conj()|{a}.real|{a}.imag|{a}[{index}]|{a}[{index}]
{a}.astype({dtype})|{a} * np.arange(3)|{a} ** -1|{a} ** 0|{a} ** np.array([0, 1, 2])|{a} ** {b}|{a}.reshape(-1)
{a}.sum({axis})|{a}.mean()|{a}.max()|{a}.flatten()|{a}.ravel()|{a}.squeeze()|{a}.transpose()|{a}.swapaxes(0, -1)
{a}.std({axis})|{a}.clip(-1, 1)|{a}.copy()|{a}.round(1) + {a}|{a} * (np.real({a}) > 0)|{a}[np.abs({a}) > 0.5]
{a} + np.argmax(np.abs({a}))|{a}[np.argsort({a}.real)]|{a}.diagonal()|{a}.item() if False else {a} * 1|sum([{a}, {b}])
{a}.trace()|{a}.cumsum({one})|{a}.prod({axis})|{a}.dot({b})|{a}.take([0, 0])|{a}.repeat(2)|divmod({a}, {b})[1]
{a}.var({axis}, ddof=0)|{a}.min({axis}, keepdims={keep})
"""

NUMPY = """
np.sum({a}, axis={axis}, keepdims={keep})|np.mean({a}, axis={axis}, keepdims={keep})
np.prod({a}, axis={axis}, keepdims={keep})|np.var({a}, axis={axis}, keepdims={keep})|np.std({a}, axis={axis}, ddof=1)
np.max({a}, axis={axis}, keepdims={keep})|np.min({a}, axis={axis})|np.max({a}, axis={one}, initial=0.3)
np.sum({a}, axis={axis}, initial=2)|np.prod({a}, where=np.abs({a}) > 0.1)
np.sum({a}, axis={axis}, where=np.abs({a}) > 0.5)|np.mean({a}, where=np.abs({a}) > -1)|np.ptp({a}, axis={axis})
np.median({a}, axis={axis})|np.quantile({a}, 0.3, axis={axis})|np.percentile({a}, [20, 60], axis={axis})
np.average({a}, axis={axis})|np.average({a}, weights=np.abs({a}) + 1)|np.nansum({a}, axis={axis})
np.nanmean({a}, axis={axis})|np.nanmax({a}, axis={axis})|np.nanstd({a}, axis={axis})|np.nanmedian({a}, axis={axis})
np.nanprod({a}, axis={axis})|np.cumsum({a}, axis={one})|np.cumprod({a}, axis={one})|np.nancumsum({a})
np.sort({a}, axis={one})|np.sort_complex({a})|np.sort(np.partition({a}, 0, axis={one}), axis={one})
np.unique({a})|np.diff({a}, axis={one})
np.diff({a}, n=2, axis={one}, prepend=0)|np.gradient({a})|np.ediff1d({a})|np.trapezoid({a}, axis={one})
np.trapezoid({a}, dx=0.5)|np.interp(np.float64(1) * {a}, [-1.0, 0.0, 1.5], [0.0, 1.0, -1.0])|np.convolve({a}, {b})
np.correlate({a}, {b}, 'full')|np.convolve({a}, {b}, 'same')|np.outer({a}, {b})|np.inner({a}, {b})|np.dot({a}, {b})
np.vdot({a}, {b})|np.tensordot({a}, {b}, axes=0)|np.kron({a}, {b})|np.cross({a}, {b})|np.matmul({a}, {b})
np.vecdot({a}, {b})|np.tensordot({a}, {a}, axes=([0], [0]))|np.tensordot({a}, {a}, {a}.ndim)
np.einsum('i,i->', {a}, {a})|np.einsum('...i,...i->...', {a}, {b})|np.einsum('ii->i', {a})
np.einsum('ij,jk', {a}, {b})|np.einsum('ii', {a})|np.einsum('...,...', {a}, {b})
np.einsum('ij,ij,i->j', {a}, {a}, {a}[:, 0])|np.einsum('i...->...', {a})
np.einsum('ij,j->i', {a}, {a}[0], optimize=True)|np.einsum(',i->i', {a}.sum(), {a})|np.einsum('iij->j', {a})
np.where(np.real({a}) > 0, {a}, {b})|np.where(np.real({a}) > 0, {a}, 0)|np.where(np.abs({a}) > 0.5, {a}, 1.0)
np.where(True, {a}, {b})|np.select([np.abs({a}) > 1, np.abs({a}) > 0.5], [{a}, {a} * 2], 0)
np.choose([0, 1, 0], [{a}, {b}])|np.piecewise({a}, [np.real({a}) > 0], [lambda v: v * v, 1])|np.clip({a}, -0.5, 0.7)
np.clip({a}, None, {b})|np.maximum({a}, {b})|np.minimum({a}, {number})|np.fmax({a}, {b})|np.fmin({a}, 0.2)
np.concatenate([{a}, {b}])|np.concatenate([{a}, {a}], axis=-1)|np.concatenate([{a}, {b}], axis=None)
np.stack([{a}, {a}], axis={one})|np.hstack([{a}, {b}])|np.vstack([{a}, {b}])|np.dstack([{a}, {a}])
np.column_stack([{a}, {b}])|np.block([[{a}, {a}]])|np.append({a}, {b})|np.append({a}, 1.0)|np.split({a}, 1)[0]
np.array_split({a}, 2)[-1]|np.insert({a}, 0, 1.5)|np.insert({a}, 1, {b}, axis=0)|np.delete({a}, 0)
np.delete({a}, 0, axis={one})|np.repeat({a}, 2, axis={one})|np.repeat({a}, 3)|np.tile({a}, 2)|np.tile({a}, (2, 1))
np.resize({a}, (2, 2))|np.roll({a}, 1)|np.roll({a}, {n}, axis={one})|np.rot90({a})|np.flip({a})|np.fliplr({a})
np.flipud({a})|np.transpose({a})|np.moveaxis({a}, 0, -1)|np.swapaxes({a}, 0, -1)|np.rollaxis({a}, -1)
np.expand_dims({a}, {one})|np.squeeze({a})|np.atleast_2d({a})|np.atleast_1d({a})
np.broadcast_to({a}, (2,) + np.shape({a}))|np.ravel({a})|np.reshape({a}, (-1,))|np.reshape({a}, (1, -1))
np.pad({a}, 1)|np.pad({a}, 1, mode='edge')|np.pad({a}, (1, 2), mode='reflect')|np.pad({a}, 1, mode='mean')
np.pad({a}, 2, mode='wrap')|np.pad({a}, 1, mode='linear_ramp')|np.pad({a}, 1, mode='maximum')
np.pad({a}, 1, mode='symmetric')|np.pad({a}, 1, constant_values=2)|np.diag({a})|np.diag({a}, 1)|np.diagonal({a})
np.diagflat({a})|np.tril({a})|np.triu({a}, 1)|np.trace({a})|np.vander(np.float64(1) * {a}, 3)|np.take({a}, [0, 0, -1])
np.take({a}, [[0]], axis={one})|np.take_along_axis({a}, np.argsort(np.abs({a}), axis=-1), axis=-1)
np.compress([True], {a}, axis=0)|np.extract(np.abs({a}) > 0.3, {a})|np.meshgrid({a}, {b})[1]|np.ix_([0])[0] * {a}
np.apply_along_axis(lambda v: v * v.sum(), 0, {a})|np.polyval([1.0, -2.0, 0.5], {a})|np.polyval({a}, 0.5)
np.polyder({a})|np.polyint({a})|np.polymul({a}, {b})|np.polyadd({a}, {b})|np.cov({a})|np.corrcoef({a})
np.histogram({a}, weights={a})[0]|np.bincount([0, 1, 0], weights={a}, minlength=4)|np.digitize({a}, [0.0, 1.0]) * {a}
np.searchsorted([0.0, 1.0], {a}) * {a}|np.nan_to_num({a})|np.real({a})|np.imag({a})|np.conj({a})|np.angle({a})
np.abs({a})|np.sign({a}) * {a}|np.real_if_close({a})|np.unwrap({a})|np.i0({a})|np.sinc({a})|np.exp({a})
np.log(np.abs({a}) + 0.1)|np.sqrt(np.abs({a}) + 0.1)|np.sqrt({a})|np.log({a})|np.sin({a})|np.cos({a})|np.tan({a})
np.tanh({a})|np.arctan({a})|np.sinh({a})|np.cosh({a})|np.arcsinh({a})|np.expm1({a})|np.log1p(np.abs({a}))
np.square({a})|np.reciprocal({a})|np.cbrt({a})|np.hypot({a}, {b})|np.arctan2({a}, {b})|np.logaddexp({a}, {b})
np.power(np.abs({a}) + 0.1, {b})|np.float_power(np.abs({a}) + 1, 1.5)|np.arccos({a} / 4)|np.arcsin({a} / 4)
np.arctanh({a} / 4)|np.arccosh(np.abs({a}) + 1.5)|np.fmod({a}, {b})|np.floor({a}) * {a}|np.modf({a})[0]
np.frexp({a})[0]|np.ldexp({a}, 2)|np.copysign({a}, {b})|np.heaviside({a}, 0.5) * {a}|np.exp2({a})
np.log2(np.abs({a}) + 1)|np.deg2rad({a})|np.positive({a})|np.add.reduce({a})|np.multiply.reduce({a}, axis={axis})
np.add.accumulate({a})|np.multiply.outer({a}, {b})|np.maximum.reduce({a}, axis={axis})|np.add.reduceat({a}, [0, 1])
np.logaddexp.reduce({a})|np.linspace({a}, {b}, 3)|np.linspace(0, {a}, 4)|np.full_like({a}, 2.0) * {a}
np.zeros_like({a}) + {a}|np.multiply({a}, {b}, dtype={dtype})|np.sum({a}, dtype={dtype})|np.copy({a})
np.trim_zeros({a})|np.union1d({a}, {a})|np.logspace(0, {a}, 2)|np.geomspace(1, np.abs({a}) + 1, 3)
np.lib.stride_tricks.sliding_window_view({a}, 1)|np.cumulative_sum({a}, axis={one})|np.permute_dims({a})
np.matrix_transpose({a})|np.unstack({a})[0]|np.broadcast_arrays({a}, {b})[0]
"""

LINALG = """
np.linalg.norm({a})|np.linalg.norm({a}, axis={one})|np.linalg.norm({a}, 1)|np.linalg.norm({a}, np.inf)
np.linalg.norm({s}, 'nuc')|np.linalg.norm({s}, 2)|np.linalg.norm({a}, 'fro', keepdims=True)|np.linalg.det({s})
np.linalg.inv({s})|np.linalg.solve({s}, np.resize({b}, (3,)))|np.linalg.solve({s}, np.resize({b}, (3, 2)))
np.linalg.cholesky({d})|np.linalg.cholesky({d}, upper=True)|np.linalg.qr({s})[1]|np.linalg.qr({s})[0]
np.linalg.svd({s})[1]|np.linalg.svd({s}, compute_uv=False)|np.linalg.eigvalsh({d})|np.linalg.eigh({d})[0]
np.abs(np.linalg.eigh({d})[1])|np.linalg.pinv({s})|np.linalg.pinv(np.resize({a}, (3, 2)) + np.eye(3, 2))
np.linalg.slogdet({s})[1]|np.linalg.matrix_power({s}, 3)|np.linalg.matrix_power({s}, -2)
np.linalg.multi_dot([{s}, {d}, {s}])|np.linalg.lstsq({s}, np.resize({b}, (3,)))[0]
np.linalg.lstsq(np.resize({a}, (4, 2)) + np.eye(4, 2), np.resize({b}, (4,)))[0]|np.linalg.eigvals({d}).real
np.linalg.cond({s})|np.linalg.tensorsolve({s}, np.resize({b}, (3,)))|np.linalg.tensorinv({s}, ind=1)
np.linalg.cross(np.resize({a}, (3,)), np.resize({b}, (3,)))|np.linalg.vector_norm({a}, ord=3)
np.linalg.matrix_norm({s})|np.linalg.svdvals({s})|np.linalg.outer(np.ravel({a}), np.ravel({b}))
np.linalg.diagonal({s})|np.linalg.trace({s})|np.trace({s} @ {s})|tg.scipy.linalg.expm({s} / 4)
tg.scipy.linalg.solve({s}, np.resize({b}, (3,)))
tg.scipy.linalg.cho_solve(tg.scipy.linalg.cho_factor({d}), np.resize({b}, (3,)))|tg.scipy.linalg.sqrtm({d})
tg.scipy.linalg.logm({d})|tg.scipy.linalg.solve_triangular({s}, np.resize({b}, (3,)), lower=True)
tg.scipy.linalg.cholesky({d}, lower=True)|tg.scipy.linalg.lu({s})[2]
"""

FFT = """
np.fft.fft({a})|np.fft.fft({a}, n=4, axis={one}, norm={norm})|np.fft.ifft({a}, n=3, norm={norm})
np.fft.rfft({a}, norm={norm})|np.fft.irfft({a}, n=5, norm={norm})|np.fft.irfft({a}, norm={norm})
np.fft.fft2({a}, norm={norm})|np.fft.ifft2({a})|np.fft.rfft2({a})|np.fft.irfft2({a})|np.fft.fftn({a}, norm={norm})
np.fft.ifftn({a})|np.fft.rfftn({a}, norm={norm})|np.fft.irfftn({a})|np.fft.hfft({a})|np.fft.ihfft({a}, norm={norm})
np.fft.fftshift({a})|np.fft.ifftshift({a}, axes={one})|np.fft.rfft({a}, n=6, axis={one})|np.fft.fft2({a}, s=(2, 3))
np.abs(np.fft.fft({a})) ** 2
"""

OURS = """
tg.softmax({a}, axis={one})|tg.log_softmax({a})|tg.logsumexp({a}, axis={axis})|tg.sigmoid({a})|tg.relu({a})
tg.softplus({a})|tg.silu({a})|tg.gelu({a})|tg.elu({a})|tg.leaky_relu({a}, slope=0.1)|tg.nn.mse_loss({a}, {b})
tg.nn.cross_entropy(np.resize({a}, (2, 3)), np.array([0, 2]))
tg.nn.binary_cross_entropy_with_logits({a}, np.abs(np.sin({b})))
tg.nn.binary_cross_entropy(0.9 * tg.sigmoid({a}) + 0.05, 0.3)
tg.where(np.real({a}) > 0, np.sin({a}), {b})|tg.checkpoint(lambda v: np.exp(np.sin(v)) * v)({a})
tg.checkpoint(lambda v, w: v * np.cos(w) + {a})({a}, {b})|swish({a})|third({a})|tilt({a}, {b})|tilt({a}, 0.5)
tg.grad(lambda v: np.sum(np.sin(v) * v).real)({a})|tg.jvp(lambda v: np.sin(v) * {b}, ({a},), ({a} * 2,))[1]
tg.vjp(lambda v: v * v * {b}, {a})[0]|tg.jacobian(lambda v: v ** 3 + v)({a})
tg.hvp(lambda v: np.sum(np.sin(v) * v).real, ({a},), ({a},))[0]
tg.grad(lambda v: np.sum(tg.grad(lambda w: np.sum(w * w * v).real)(v)).real)({a})|tg.checkpoint(swish)({a})
scipy.special.expit({a})|scipy.special.erf({a})|scipy.special.gammaln(np.abs({a}) + 0.5)
scipy.special.xlogy(np.abs({a}) + 0.1, np.abs({b}) + 0.1)|scipy.special.j0({a})
scipy.special.digamma(np.abs({a}) + 0.5)|tg.random.normal(np.random.default_rng(3), np.shape({a})) * {a}
"""

STATEMENTS = (
    "{t} = {a} * 1.0; {t}[0] = {b}",
    "{t} = {a} + 0.0; {t}[..., 0] += {b}",
    "{t} = {a} * 1.0; {t} *= 2; {t} += {b}",
    "{t} = {a} * 1.0; {t}[{index}] = 0",
    "{t} = {a} * 1.0; {t}[{index}] *= {number}",
    "{t} = {a} * 1.0; {t}[np.abs({a}) > 0.5] = {b}",
    "{t} = np.zeros_like({a}) + {a}; {t}[0] = {a}[-1] * {t}[0]; {t}[-1] = {t}[0]",
    "{t} = {a} * 1.0; {t} -= {t} * {b}; {t} /= 2",
    "{t} = {a}\nfor k in range(3): {t} = {t} * np.cos({a}) + k",
    "{t} = 0.0\nfor row in {a}: {t} = {t} * 0.5 + row",
    "{t} = {a} * 1.0\nfor k in range(len({a})): {t}[k] = {t}[k - 1] * {a}[k]",
    "{t} = {a} if np.abs({a}).sum() > 1 else {b}",
    "{t}, _ = {a} * 2, np.sin({a}) * {b}",
    "{t} = [np.sin(part) for part in {a}][0]",
    "{t} = {a} * 1.0; np.fill_diagonal({t}, 0.5)",
    "{t} = {a} * 1.0; {t}.sort()",
    "{t} = {a} * 1.0; np.put({t}, [0], 3.0)",
    "{t} = {a} * 1.0; np.add({t}, {b}, out={t})",
)
"""Lines that are no single expression."""

SQUARE = "(np.resize({a}, (3, 3)) * 0.3 + np.diag([2.0, -1.5, 3.0]).astype({a}.dtype))"
DEFINITE = "(({s} + np.conj({s}).T) * 0.2 + np.diag([2.0, 3.0, 4.5]).astype({a}.dtype))"


def _all(text: str) -> tuple[str, ...]:
    return tuple("{t} = " + line for line in text.replace("\n", "|").split("|") if line)


def _matrices(line: str) -> str:
    return line.replace("{d}", DEFINITE).replace("{s}", SQUARE)


FAMILIES = (_all(OPERANDS), _all(NUMPY), tuple(map(_matrices, _all(LINALG))), _all(FFT), _all(OURS), STATEMENTS)
