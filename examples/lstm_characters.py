"""A recurrent network that learns a text letter by letter: a long short-term memory from matrix products and gates.

Run: python examples/lstm_characters.py [PICTURE.svg]
"""

import sys

import numpy as np

import tinygraph as tg

TEXT = "the graph you draw is the graph that is differentiated, checked, explained, compiled and exported. "


class LSTM(tg.nn.Module):
    """Hochreiter and Schmidhuber 1997: a memory cell behind an input, a forget and an output gate."""

    def __init__(self, letters: int, hidden: int, rng: np.random.Generator) -> None:
        self.read = tg.nn.Linear(letters + hidden, 4 * hidden, rng=rng)
        self.write = tg.nn.Linear(hidden, letters, rng=rng)
        self.hidden = hidden

    def __call__(self, x: np.ndarray) -> tg.Tensor:
        """Scores of the next letter, (time, batch, letters), for one-hot letters x of the same shape."""
        h = c = np.zeros((x.shape[1], self.hidden))
        outputs = []
        for letter in x:
            i, f, o, new = np.split(self.read(np.concatenate([letter, h], axis=1)), 4, axis=1)
            c = tg.sigmoid(f + 1) * c + tg.sigmoid(i) * np.tanh(new)
            h = tg.sigmoid(o) * np.tanh(c)
            outputs.append(self.write(h))
        return np.stack(outputs)


def main(picture: str | None = None, rounds: int = 150, hidden: int = 32, window: int = 16) -> None:
    """Train on windows of the text, then let the network go on by itself."""
    letters = sorted(set(TEXT))
    codes = np.array([letters.index(c) for c in TEXT * 2])
    one_hot = np.eye(len(letters))[codes]
    rng = np.random.default_rng(0)
    model = LSTM(len(letters), hidden, rng)
    optimizer = tg.optim.Adam(model.parameters(), lr=0.01)
    losses = []
    for _ in range(rounds):
        starts = rng.integers(0, len(TEXT), 16)
        places = np.arange(window)[:, None] + starts
        optimizer.zero_grad()
        loss = tg.nn.cross_entropy(model(one_hot[places]), codes[places + 1])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    print(f"cross-entropy {losses[0]:.3f} at first (guessing: {np.log(len(letters)):.3f}), {losses[-1]:.3f} at the end")
    assert losses[-1] < 0.5

    said = TEXT[:window]
    with tg.no_grad():
        for _ in range(40):
            scores = model(np.eye(len(letters))[[letters.index(c) for c in said[-window:]]][:, None])
            said += letters[int(np.argmax(scores[-1, 0].numpy()))]
    print(said)
    assert TEXT.startswith(said[:40])

    if picture is not None:
        tg.plot.curves({"cross-entropy": losses}, x_name="round").save(picture)
        print(f"the loss in {picture}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
