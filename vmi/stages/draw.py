"""The stage that draws pictures of a model's first seed."""

import sys
from pathlib import Path

from vmi.stages import provenance
from vmi.stages.cells import dataset_of, trained_model, training_errors
from vmi.suites.suite import Suite

__all__ = ["pictures"]


def pictures(
    suite: Suite, dataset: str, model: str, trained: Path, checkpoints: Path, output: Path
) -> None:
    """Draws the suite's pictures of a model's first seed, if it trained well.

    A picture that fails is a line on stderr, and its reason stands where it would be.

    Args:
        suite: The suite.
        dataset: Of the suite.
        model: Of the suite.
        trained: What training wrote of the cohort that holds the first seed.
        checkpoints: The weights of that cohort.
        output: The folder that the pictures are written to.
    """
    from vmi.pictures.draw import draw_pictures  # a moment that the other stages do without

    seed, cell = suite.seeds[0], suite.cell(dataset, model)
    output.mkdir(parents=True, exist_ok=True)
    if not training_errors(trained)[seed]:
        loaded = dataset_of(cell)
        frozen = trained_model(cell, loaded, checkpoints, seed)
        for name, why in draw_pictures(suite.pictures, frozen, loaded, output).items():
            print(f"{dataset}, {model}: picture {name!r} failed: {why}", file=sys.stderr)
    provenance.keep(output / "made.json", provenance.of_pictures(suite))
