"""`vmi score`: metrics of codes of the user's own, from an npz file."""

from collections.abc import Sequence
from pathlib import Path

from vmi.commands.rows import print_rows
from vmi.commands.scoring import scores

__all__ = ["score"]


def score(
    file: Path,
    metrics: Sequence[str] | None = None,
    others: Sequence[Path] = (),
    seed: int = 0,
    json: bool = False,
) -> None:
    """Prints what `vmi.score` returns for the codes in an npz file, as a table or as JSON.

    Args:
        file: Holds codes, and what is known of the images.
        metrics: Their names; without them all that apply, but for what takes minutes.
        others: Files of the codes of the same images by models of other seeds.
        seed: Of every random number.
        json: Print JSON.

    Raises:
        UserError: A file is malformed, or nobody knows a metric.
    """
    print_rows(scores(file, others, metrics, seed), json)
