"""What a user should look at in their data: a Python warning, which a command prints as a line."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from vmi.errors import DataWarning

__all__ = ["beware", "printed"]


def beware(text: str) -> None:
    """Warns, in one line, at the line of the user's code that called this package."""
    frame, level = sys._getframe(), 1
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] == "vmi":
        frame, level = frame.f_back, level + 1
    warnings.warn(" ".join(text.split()), DataWarning, stacklevel=level)


@contextmanager
def printed() -> Iterator[None]:
    """Prints such warnings on standard error as they come, whatever the filters say."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", DataWarning)
        show = warnings.showwarning

        def print_line(message, category, *args, **kwargs) -> None:
            if issubclass(category, DataWarning):
                print(f"vmi: beware: {message}", file=sys.stderr)
            else:
                show(message, category, *args, **kwargs)

        warnings.showwarning = print_line
        yield
