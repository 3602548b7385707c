"""Generators: every stream of random numbers has a name, so no draw can disturb another."""

import hashlib

import torch

__all__ = ["derive", "generator"]


def derive(*names: object) -> int:
    """Returns a 63-bit seed that depends on all the names and on nothing else.

    Example:
        >>> derive(0, "weights") == derive(0, "weights") != derive(1, "weights")
        True
    """
    digest = hashlib.sha256("\0".join(map(str, names)).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def generator(*names: object) -> torch.Generator:
    """Creates a CPU generator for the stream of that name, e.g. `generator(seed, "posterior")`."""
    return torch.Generator().manual_seed(derive(*names))
