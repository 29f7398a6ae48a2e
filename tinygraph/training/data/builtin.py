"""The data sets that need no file: two photographs and two tables that scikit-learn ships. Works offline."""

from __future__ import annotations

import dataclasses
import pathlib

import numpy as np

from .arrays import Array
from .errors import MissingExtraError, optional

PATCH = 64
"""Side of a patch in pixels: a sample is 64 x 64 x 3 = 12288 numbers, as in the notes."""

STRIDE = 32
"""Step from one patch to the next in pixels. Patches of one part overlap; the parts never touch."""

TRAIN_SHARE = 0.6
"""Training patches come from the left 6/10 of each photograph, test patches from the rest."""


@dataclasses.dataclass(frozen=True)
class Photos:
    """Patches as uint8 (patches, 64, 64, 3), and which photograph each is from, int64 (patches,)."""

    X_train: Array
    y_train: Array
    X_test: Array
    y_test: Array
    classes: tuple[str, ...]
    about: str


@dataclasses.dataclass(frozen=True)
class Bunch:
    """A table of numbers (samples, features), its class numbers (samples,), and what they are called."""

    X: Array
    y: Array
    names: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    about: str


def photos() -> Photos:
    """Return patches of scikit-learn's two photographs; no pixel is in a training and in a test patch.

    The training patches come twice, as they are and mirrored left to right: a photograph's mirror image shows the
    same thing, so the classifier learns more from the same few pixels. The test patches are not mirrored.
    """
    datasets = optional("sklearn.datasets")
    try:
        bundle = datasets.load_sample_images()
    except ImportError as reason:  # scikit-learn decodes JPEG with Pillow
        raise MissingExtraError(f'photos: {reason} Run: pip install "tinygraph[demo]"') from reason
    train, test = [], []
    for image in bundle.images:
        cut = int(TRAIN_SHARE * image.shape[1])
        left = patches(image[:, :cut])
        train.append(np.concatenate([left, left[:, :, ::-1]]))
        test.append(patches(image[:, cut:]))
    names = tuple(pathlib.Path(name).stem for name in bundle.filenames)
    about = (
        f"64 x 64 x 3 patches of the photographs {' and '.join(names)}, {STRIDE} pixels apart. Training: "
        f"{sum(map(len, train))} from the left 6/10 of each photograph, half of them mirrored. "
        f"Test: {sum(map(len, test))} from the right 4/10. No pixel is in both."
    )
    return Photos(*_join_classes(train), *_join_classes(test), names, about)


def patches(image: Array) -> Array:
    """Return every patch of an image (height, width, 3) on the grid of STRIDE: (patches, 64, 64, 3).

    >>> patches(np.zeros((64, 128, 3))).shape
    (3, 64, 64, 3)
    """
    height, width = image.shape[:2]
    corners = [(r, c) for r in range(0, height - PATCH + 1, STRIDE) for c in range(0, width - PATCH + 1, STRIDE)]
    return np.array([image[r : r + PATCH, c : c + PATCH] for r, c in corners])


def table(name: str) -> Bunch:
    """Return scikit-learn's `digits` (1,797 of 8 x 8 grey values) or `breast-cancer` (569 of 30 measurements)."""
    datasets = optional("sklearn.datasets")
    if name == "digits":
        bunch = datasets.load_digits()
        target, about = "digit", f"{len(bunch.data)} handwritten digits, 8 x 8 grey values each."
    else:
        bunch = datasets.load_breast_cancer()
        target, about = "diagnosis", f"{len(bunch.data)} tumours, 30 measurements of cell nuclei each."
    classes = tuple(str(c) for c in bunch.target_names)
    return Bunch(bunch.data, bunch.target, tuple(map(str, bunch.feature_names)), target, classes, about)


def _join_classes(per_class: list[Array]) -> tuple[Array, Array]:
    """The samples of all classes in one array, and the number of the class of each."""
    return np.concatenate(per_class), np.repeat(np.arange(len(per_class)), [len(part) for part in per_class])
