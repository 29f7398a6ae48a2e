"""Layers, activations and losses for building models."""

from . import init
from .layers import (
    ELU, GELU, LeakyReLU, Linear, LogSoftmax, ReLU, Sequential, Sigmoid, SiLU, Softmax, Softplus, Tanh,
)  # fmt: skip
from .losses import binary_cross_entropy, binary_cross_entropy_with_logits, cross_entropy, mse_loss
from .module import Module

__all__ = [
    "ELU", "GELU", "LeakyReLU", "Linear", "LogSoftmax", "Module", "ReLU", "Sequential", "SiLU", "Sigmoid", "Softmax",
    "Softplus", "Tanh", "binary_cross_entropy", "binary_cross_entropy_with_logits", "cross_entropy", "init", "mse_loss",
]  # fmt: skip
