"""Planted situations: what is wrong in each is known, and `tg.why` has to say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import tinygraph as tg

Situation = Callable[[], tuple[tg.Tensor, tg.Tensor | None]]


def leaf(data: Any, name: str = "w", dtype: Any = float) -> tg.Tensor:
    return tg.tensor(data, requires_grad=True, dtype=dtype, name=name)


def ran(loss: tg.Tensor, **how: Any) -> tg.Tensor:
    with np.errstate(all="ignore"):
        loss.backward(**how)
    return loss


def kept(f: Callable[..., tg.Tensor], *leaves: tg.Tensor) -> tg.Tensor:
    """The loss of `f`, recorded with values and lines, after backward."""
    with tg.keep_values(), tg.origins(), np.errstate(all="ignore"):
        return ran(f(*leaves))


class Catalogue(dict[str, tuple[Situation, str, tuple[str, ...]]]):
    """Situations by name, with the cause that has to be named and words that have to be said."""

    def planted(self, cause: str, *words: str) -> Callable[[Situation], Situation]:
        def note(situation: Situation) -> Situation:
            self[situation.__name__] = (situation, cause, words)
            return situation

        return note

    def demand(self, name: str) -> None:
        """The situation is named, in few words, and its gradient stays as it is."""
        situation, cause, words = self[name]
        t, loss = situation()
        before = None if t.grad is None else t.grad.data.copy()
        answer = tg.why(t, loss)
        text = str(answer)
        assert answer.cause == cause, text
        for word in words:
            assert word in text, text
        assert not answer.healthy
        assert text[0].isupper()
        assert text.endswith((".", "!"))
        assert len(text) < 900
        assert 1 <= len(answer.sentences) + bool(answer.fix) <= 6
        assert before is None or np.array_equal(t.grad.data, before, equal_nan=True)
