"""Evaluation: each metric is called with what its signature asks for, and becomes rows."""

import inspect
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, SupportsFloat

import torch
from torch import Tensor, nn

from vmi.codes import Codes
from vmi.data.dataset import Dataset
from vmi.errors import NotApplicable, UserError
from vmi.records import Estimate

__all__ = ["Context", "asked_for", "measure"]


@dataclass
class Context:
    """What a metric may ask for by the names of its parameters, loaded when first asked for.

    Attributes:
        dataset: The data set.
        load_model: Returns the frozen model, in evaluation mode.
        codes_folder: Holds the stored codes, evaluation.npz and train.npz.
        most: Of more evaluation images than that, this many, evenly spread; all if None.
    """

    dataset: Dataset
    load_model: Callable[[], nn.Module]
    codes_folder: Path
    most: int | None = None

    offered: ClassVar[tuple[str, ...]] = (
        "codes",
        "train_codes",
        "labels",
        "factors",
        "model",
        "images",
        "generator",
    )

    @cached_property
    def model(self) -> nn.Module:
        """The frozen model, in evaluation mode."""
        return self.load_model()

    @cached_property
    def codes(self) -> Codes:
        """The codes of the evaluation images."""
        return Codes.load(self.codes_folder / "evaluation.npz")

    @cached_property
    def train_codes(self) -> Codes:
        """The codes of the training images."""
        return Codes.load(self.codes_folder / "train.npz")

    @cached_property
    def images(self) -> Tensor:
        """The evaluation images, (N, C, H, W), as every metric sees them."""
        return self.dataset.fixed("evaluation", self.most).images

    @property
    def labels(self) -> Tensor:
        """The labels of the evaluation images, (N,)."""
        if self.codes.labels is None:
            raise NotApplicable(f"{self.dataset.name} has no labels")
        return self.codes.labels

    @property
    def factors(self) -> Tensor:
        """The ground-truth factors of the evaluation images, (N, F)."""
        if self.codes.factors is None:
            raise NotApplicable(f"{self.dataset.name} has no ground-truth factors")
        return self.codes.factors


def asked_for(
    name: str,
    metric: Callable[..., Any],
    offered: Iterable[str] = Context.offered,
    kind: str = "metric",
) -> list[str]:
    """Returns the names of what a metric wants to be called with: its positional parameters.

    So it is with all that is called by what it asks for; `kind` says what it is in the message.

    Raises:
        UserError: It wants something that is not offered.
    """
    parameters = inspect.signature(metric).parameters.values()
    wanted = [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    for parameter in wanted:
        if parameter not in offered:
            raise UserError(
                f"{kind} {name!r} asks for {parameter!r}; there is: {', '.join(offered)}"
            )
    return wanted


def measure(
    name: str,
    metric: Callable[..., Any],
    settings: dict[str, Any],
    context: Any,
    generator: torch.Generator,
) -> Iterator[tuple[Estimate, float]]:
    """Yields a metric's estimates, each with the seconds that all of them took together.

    A metric that fails, or that has no meaning here, yields one estimate with its reason.

    Args:
        name: The metric's, for messages.
        metric: Called with the attributes of the context that its positional parameters name.
        settings: Its keyword arguments.
        context: A `Context`, or whatever else offers what the metric asks for.
        generator: Given to a metric that asks for one.
    """
    began = time.perf_counter()
    try:
        arguments = {
            wanted: generator if wanted == "generator" else getattr(context, wanted)
            for wanted in asked_for(name, metric, context.offered)
        }
        estimates = _estimates(metric(**arguments, **settings))
    except NotApplicable as reason:
        estimates = [Estimate(float("nan"), error=f"not applicable: {reason}")]
    except Exception as error:  # a failure is a row; the other cells go on
        estimates = [Estimate(float("nan"), error=f"{type(error).__name__}: {error}")]
    seconds = time.perf_counter() - began
    yield from ((estimate, seconds) for estimate in estimates)


def _estimates(result: Any) -> list[Estimate]:
    """A metric may return a number, an estimate, or several; none is NaN without a reason."""
    if isinstance(result, SupportsFloat):
        result = Estimate(float(result))
    found = list(result) if isinstance(result, list | tuple) else [result]
    if not found or not all(isinstance(estimate, Estimate) for estimate in found):
        raise TypeError("a metric returns a number, an Estimate or a list of Estimates")
    return [_explained(estimate) for estimate in found]


def _explained(estimate: Estimate) -> Estimate:
    silent = math.isnan(estimate.value) and not estimate.error
    return replace(estimate, error="the number is NaN") if silent else estimate
