"""What a metric may ask for of a trained model, by the names of its parameters."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path
from typing import ClassVar

from torch import Tensor, nn

from vmi.data.dataset import Dataset
from vmi.errors import NotApplicable, reading
from vmi.metrics.features import Classifier, fit_classifier
from vmi.nets.codes import Codes
from vmi.nets.latents import Latents
from vmi.priors.prior import Prior
from vmi.priors.standard import Standard
from vmi.random import generator

__all__ = ["Context"]

CLASSIFIED = 10_000  # training images, at most, that a classifier is trained on


@dataclass
class Context:
    """What a metric may ask for by the names of its parameters, loaded when first asked for.

    Attributes:
        dataset: The data set.
        load_model: Returns the frozen model, in evaluation mode.
        codes_folder: Holds the stored codes, evaluation.npz and train.npz.
        most: Of more evaluation images than that, this many, evenly spread; all if None.
        steps: How many steps the model was trained.
        load_prior: Returns the prior of an arm for the model's code; that of the training if None.
    """

    dataset: Dataset
    load_model: Callable[[], nn.Module]
    codes_folder: Path
    most: int | None = None
    steps: int = 0
    load_prior: Callable[[Latents], Prior] | None = None

    offered: ClassVar[tuple[str, ...]] = (
        "codes",
        "train_codes",
        "labels",
        "factors",
        "model",
        "prior",
        "images",
        "classifier",
        "generator",
        "steps",
    )

    @cached_property
    def model(self) -> nn.Module:
        """The frozen model, in evaluation mode."""
        return self.load_model()

    @cached_property
    def prior(self) -> Prior:
        """The prior, that of the training or of an arm."""
        return (self.load_prior or Standard)(self.model.latents)

    @cached_property
    def codes(self) -> Codes:
        """The codes of the evaluation images."""
        return self._codes("evaluation")

    @cached_property
    def train_codes(self) -> Codes:
        """The codes of the training images."""
        return self._codes("train")

    def _codes(self, split: str) -> Codes:
        path = self.codes_folder / f"{split}.npz"
        with reading(path, path.parents[2]):  # the folder of the cohort
            return Codes.load(path)

    @cached_property
    def images(self) -> Tensor:
        """The evaluation images, (N, C, H, W), as every metric sees them."""
        return self.dataset.fixed("evaluation", self.most).images

    @property
    def classifier(self) -> Classifier:
        """A small classifier of the labels, trained on the training images once a process."""
        return _classifier(self.dataset)

    def of(self, most: int | None) -> "Context":
        """Returns the same with no more images than that, evenly spread; all of them if None."""
        return self if most == self.most else replace(self, most=most)

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


@cache
def _classifier(dataset: Dataset) -> Classifier:
    """The same for all models, seeds and arms of a data set."""
    split = dataset.fixed("train", CLASSIFIED)
    if split.labels is None:
        raise NotApplicable(f"{dataset.name} has no labels to train a classifier on")
    return fit_classifier(split.images, split.labels, generator(dataset.name, "classifier"))
