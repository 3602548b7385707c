"""Errors that a user can cause: one line on stderr, exit code 2, before anything expensive."""

from collections.abc import Iterable
from difflib import get_close_matches

__all__ = ["NotApplicable", "UserError", "unknown"]


class UserError(Exception):
    """Something the user can mend; `python -m vmi` prints it as one line and exits with 2."""


class NotApplicable(Exception):
    """A metric that has no meaning for this data or this code; it becomes a row with its reason."""


def unknown(kind: str, name: str, known: Iterable[str]) -> UserError:
    """Creates the error for a name nobody knows, with the nearest name that somebody does.

    Example:
        >>> str(unknown("model", "vea", ["vae", "beta-vae"]))
        "unknown model 'vea': did you mean 'vae'? (known: beta-vae, vae)"
    """
    known = sorted(known)
    nearest = get_close_matches(name, known, n=1, cutoff=0.5)
    hint = f"did you mean {nearest[0]!r}? " if nearest else ""
    return UserError(f"unknown {kind} {name!r}: {hint}(known: {', '.join(known)})")
