"""What a metric may ask for of codes of the user's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.nets.codes import Codes
from vmi.stages.context import Context

__all__ = ["OwnContext"]


@dataclass(frozen=True)
class OwnContext:
    """What a file offers to a metric, by the names of the metric's parameters.

    Attributes:
        own: The codes, with labels and factors where there are.
        factor_names: Of the factors.
        others: Codes of the same images by models of other seeds, by the names of their files.
        fitted: The half of the codes to fit classifiers on, in a context of halves.
    """

    own: Codes
    factor_names: tuple[str, ...] = ()
    others: dict[str, Codes] = field(default_factory=dict)
    fitted: Codes | None = None

    offered: ClassVar[tuple[str, ...]] = (*Context.offered, "seed_codes")

    @property
    def codes(self) -> Codes:
        """The codes, or the half of them to score."""
        return self.own

    @property
    def train_codes(self) -> Codes:
        """The half of the codes to fit on."""
        return self.fitted

    @property
    def labels(self) -> Tensor:
        """One class an image, (N,)."""
        if self.own.labels is None:
            raise NotApplicable(
                "it wants classes, and the file has neither labels nor such factors"
            )
        return self.own.labels

    @property
    def factors(self) -> Tensor:
        """The factors that vary, (N, F)."""
        if self.own.factors is None:
            raise NotApplicable("the file has no factors that vary")
        return self.own.factors

    @property
    def seed_codes(self) -> tuple[Codes, ...]:
        """The codes by each seed; scales only say which dimensions are in use, and zeros do."""
        if not self.others:
            raise NotApplicable("it compares seeds: give the codes of others by --others")
        return (self.own, *self.others.values())

    @property
    def model(self):
        """No file holds one."""
        raise NotApplicable("it wants a model, and a file of codes has none")

    @property
    def images(self):
        """No file holds them."""
        raise NotApplicable("it wants images, and a file of codes has none")

    def halves(self, generator: torch.Generator) -> "OwnContext":
        """Returns a context with one random half to fit on and the other to score."""
        order = torch.randperm(len(self.own), generator=generator)
        fit, score = order[: len(order) // 2], order[len(order) // 2 :]
        return replace(self, own=_rows(self.own, score), fitted=_rows(self.own, fit))

    @cached_property
    def classes(self) -> dict[str, Tensor]:
        """The labels, or else each factor in classes, (N,) by its name; "" for the only one."""
        if self.own.labels is not None:
            return {"": self.own.labels}
        if self.own.factors is None or self.own.factors.is_floating_point():
            return {}
        columns = self.own.factors.T
        names = self.factor_names if len(columns) > 1 else [""]
        return dict(zip(names, columns, strict=True))

    def by_class(self) -> Iterator[tuple[str, "OwnContext"]]:
        """Yields a context for each of the `classes`, or this one where there is none."""
        for name, labels in self.classes.items():
            yield name, replace(self, own=replace(self.own, labels=labels.contiguous()))
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
