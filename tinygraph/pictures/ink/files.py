"""Writing a file so that at its name there is, at any time, the old content, the new one, or nothing."""

from __future__ import annotations

import contextlib
import os


def write(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to `path`: aside, in the same folder, and then renamed.

    Raises OSError where that cannot be done, and leaves nothing behind.
    """
    path = os.fspath(path)
    aside = os.path.join(os.path.dirname(path), f".{os.path.basename(path)}.{os.urandom(6).hex()}.tmp")
    try:
        with open(aside, "xb") as file:
            file.write(content)
        os.replace(aside, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(aside)
        raise
