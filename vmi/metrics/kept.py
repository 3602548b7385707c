"""What several metrics make of the same codes, made once: a family of metrics is one job."""

from collections.abc import Callable, Hashable
from typing import TypeVar
from weakref import WeakKeyDictionary

from vmi.nets.codes import Codes

__all__ = ["kept"]

Made = TypeVar("Made")

KEPT: WeakKeyDictionary[Codes, dict[Hashable, object]] = WeakKeyDictionary()


def kept(name: Hashable, make: Callable[[], Made], codes, factors=None) -> Made:
    """Returns what is made of codes, and of their factors; of stored posteriors it is made once.

    Stored posteriors are frozen, so that it stands as long as they live, and goes when they go. Of
    plain arrays, which whoever gave them may change, and of factors that are not the codes' own, it
    is made anew.

    Args:
        name: Of what is made, with all else that it depends on.
        make: Makes it.
        codes: N posteriors, or an array.
        factors: That it is made of too; None where it is not.
    """
    if not isinstance(codes, Codes) or not (factors is None or factors is codes.factors):
        return make()
    made = KEPT.setdefault(codes, {})
    if name not in made:
        made[name] = make()
    return made[name]
