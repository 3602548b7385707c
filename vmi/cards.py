"""Cards: what a registered thing says of itself to people, in one place."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

__all__ = ["Card", "card", "number", "stem"]

NUMBER = re.compile(r"-(\d+(?:\.\d+)?(?:e-?\d+)?)(?=/|$)")


@dataclass(frozen=True)
class Card:
    """What people read of a thing wherever it is named: in tables, figures, the page, `vmi list`.

    Attributes:
        reference: Where it is defined, `module:attribute`; "" for a part, or for a user's own.
        name: What people call it; its raw name without one.
        numbered: What people call it where its name carries a number, which stands for "#"; if left
            out, the number follows the name in brackets.
        better: Whether more of it is better ("up") or less ("down"), or neither ("").
        heading: Under which its numbers are tabled.
        reading: One sentence on how to read it.
        unit: Of its numbers, where they do not say it themselves.
        headline: Whether it belongs to the few numbers that are shown first.
        when_named: Whether it is computed only where it is named, as it takes very long, and not
            where all that applies is asked for.
        of_prior: Whether it is of the prior, which it asks for, so that each arm has its own.
        of_trials: Whether each seed's number is 1 or 0, so that their mean is a share.
        parts: The cards of its parts by their names, "#" for a number in one: `dimension-#`.

    Example:
        >>> Card(name="IWAE, k = 100", numbered="IWAE, k = #").of("iwae-500").name
        'IWAE, k = 500'
    """

    reference: str = ""
    name: str = ""
    numbered: str = ""
    better: Literal["up", "down", ""] = ""
    heading: str = ""
    reading: str = ""
    unit: str = ""
    headline: bool = False
    when_named: bool = False
    of_prior: bool = False
    of_trials: bool = False
    parts: Mapping[str, "Card"] = field(default_factory=dict)

    def of(self, name: str) -> "Card":
        """Returns the card of this thing as it is called: a number in the name is filled in."""
        carried = number(name)
        if not (self.name and carried):
            return replace(self, name=self.name or name)
        text = self.numbered.replace("#", carried) if self.numbered else f"{self.name} ({carried})"
        return replace(self, name=text)

    def part(self, name: str, part: str) -> "Card":
        """Returns the card of a part of this thing, which is called `name`; it shares the heading.

        The number in a part's own name goes before that of the whole.
        """
        whole = self.of(name)
        found = self.parts.get(part) or self.parts.get(NUMBER.sub("-#", part), Card())
        text = found.numbered if number(name) and found.numbered else found.name
        text = text.replace("#", number(part) or number(name)) or f"{whole.name}, {part}"
        return replace(found, name=text, heading=found.heading or self.heading)


def card(**about: Any) -> Callable[[Any], Any]:
    """Gives a function or class of a user's own its card, whose fields are those of `Card`.

    Example:
        >>> @card(name="spread of the means", better="up")
        ... def spread(codes): ...
        >>> spread.card.name
        'spread of the means'
    """

    def give(thing: Any) -> Any:
        thing.card = Card(**about)
        return thing

    return give


def stem(name: str) -> str:
    """Returns a name without the number that it carries: `vmi-bound-20/entropy` without its 20."""
    return NUMBER.sub("", name)


def number(name: str) -> str:
    """Returns the number that a name carries, as it is written, or ""."""
    found = NUMBER.search(name)
    return found[1] if found else ""
