"""The registry of faults: what goes wrong, and what must hold when it does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

__all__ = ["FAULTS", "TRIES", "Fault", "Lost", "Unavailable", "fault"]

TRIES = 20  # of a fault in which chance plays a part, where nobody asks for fewer


class Lost(AssertionError):
    """Something was lost, or was not said in one clear line."""


class Unavailable(Exception):
    """The fault cannot be made on this machine."""


Play = Callable[[Path, Random], str]


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        name: What goes wrong, as people say it.
        play: Has it happen in an empty folder, once, and returns what was said of it; raises `Lost`
            where something did not survive it.
        chance: Whether chance plays a part, so that one try tells little.
    """

    name: str
    play: Play
    chance: bool = True


FAULTS: dict[str, Fault] = {}


def fault(
    name: str, *, of: Iterable[str] = (), chance: bool = True
) -> Callable[[Callable], Callable]:
    """Registers a function as a fault, or as several: one of each case, which it is given last.

    Args:
        name: As people say it, with `{}` where the case belongs.
        of: The cases.
        chance: Whether chance plays a part.
    """

    def register(play: Callable) -> Callable:
        for case in of:
            called = name.format(case)
            FAULTS[called] = Fault(called, lambda *given, case=case: play(*given, case), chance)
        if not of:
            FAULTS[name] = Fault(name, play, chance)
        return play

    return register
