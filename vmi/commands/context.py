"""What a metric may ask for of codes that come without their model and images."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.nets.codes import Codes
from vmi.nets.latents import Latents
from vmi.priors.standard import Standard
from vmi.stages.context import Context

__all__ = ["CodesContext"]


@dataclass(frozen=True)
class CodesContext:
    """What codes alone offer to a metric, by the names of its parameters.

    Attributes:
        codes: The codes to measure, with labels and factors where there are.
        factor_names: Of the factors.
        others: Codes of the same images by models of other seeds, by their names.
        discrete: Which of the factors are classes; all or none, as their type says, if left out.
        train_codes: The half of the codes to fit classifiers on, in a context of halves.
    """

    codes: Codes
    factor_names: tuple[str, ...] = ()
    others: dict[str, Codes] = field(default_factory=dict)
    train_codes: Codes | None = None
    discrete: tuple[bool, ...] = ()

    offered: ClassVar[tuple[str, ...]] = (*Context.offered, "seed_codes")

    @property
    def labels(self) -> Tensor:
        """One class an image, (N,)."""
        if self.codes.labels is None:
            raise NotApplicable("it wants classes, and there are neither labels nor such factors")
        return self.codes.labels

    @property
    def factors(self) -> Tensor:
        """The factors that vary, (N, F)."""
        if self.codes.factors is None:
            raise NotApplicable("there are no factors that vary")
        return self.codes.factors

    @property
    def seed_codes(self) -> tuple[Codes, ...]:
        """The codes by each seed; scales only say which dimensions are in use, and zeros do."""
        if not self.others:
            raise NotApplicable(
                "it compares seeds: give the codes of others, by `others` or --others"
            )
        return (self.codes, *self.others.values())

    @property
    def model(self):
        """Codes come without it."""
        raise NotApplicable("it wants a model, and there are codes alone")

    @property
    def prior(self) -> Standard:
        """N(0, I), and uniform in each category."""
        sizes = tuple(p.shape[1] for p in self.codes.categorical)
        return Standard(Latents(self.codes.mean.shape[1], sizes))

    @property
    def images(self):
        """Codes come without them."""
        raise NotApplicable("it wants images, and there are codes alone")

    def halves(self, generator: torch.Generator) -> "CodesContext":
        """Returns a context with one random half to fit on and the other to score."""
        order = torch.randperm(len(self.codes), generator=generator)
        fit, score = order[: len(order) // 2], order[len(order) // 2 :]
        return replace(self, codes=_rows(self.codes, score), train_codes=_rows(self.codes, fit))

    @cached_property
    def classes(self) -> dict[str, Tensor]:
        """The labels, or else each factor in classes, (N,) by its name; "" for the only one."""
        if self.codes.labels is not None:
            return {"": self.codes.labels}
        if self.codes.factors is None:
            return {}
        whole = not self.codes.factors.is_floating_point()
        factors = list(zip(self.factor_names, self.codes.factors.T, strict=True))
        discrete = self.discrete or [whole] * len(factors)
        found = [each for each, yes in zip(factors, discrete, strict=True) if yes]
        if len(factors) == 1:
            found = [("", column) for _, column in found]
        return {name: column.unique(return_inverse=True)[1] for name, column in found}

    def by_class(self) -> Iterator[tuple[str, "CodesContext"]]:
        """Yields a context for each of the `classes`, or this one where there is none."""
        for name, labels in self.classes.items():
            yield name, replace(self, codes=replace(self.codes, labels=labels.contiguous()))
        if not self.classes:
            yield "", self


def _rows(codes: Codes, index: Tensor) -> Codes:
    """Some of the images."""
    known = {"labels": codes.labels, "factors": codes.factors}
    some = {name: values[index] for name, values in known.items() if values is not None}
    blocks = tuple(p[index] for p in codes.categorical)
    return replace(
        codes, mean=codes.mean[index], scale=codes.scale[index], categorical=blocks, **some
    )
