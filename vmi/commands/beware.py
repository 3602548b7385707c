"""What a user should look at in their data: a Python warning, which a command prints as a line."""

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from vmi.errors import DataWarning, beware

__all__ = ["beware", "printed"]


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
