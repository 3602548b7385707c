"""Draws the pictures of a model by their names; one that fails stops no other."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from torch import Tensor, nn

from vmi.data.dataset import Dataset
from vmi.errors import NotApplicable, reason
from vmi.pictures import OFFERED, PICTURES
from vmi.pictures.layout import enlarged, tiled
from vmi.priors.prior import Prior
from vmi.references import asked_for
from vmi.registry import row_name

__all__ = ["draw_pictures"]


def draw_pictures(
    names: Iterable[str],
    model: nn.Module,
    dataset: Dataset,
    folder: Path,
    prior: Prior | None = None,
) -> dict[str, str]:
    """Writes NAME.png for each picture, or NAME.txt with the reason why there is none.

    Args:
        names: Of `PICTURES`, or a user's own.
        model: Frozen, in evaluation mode.
        dataset: The pictures are of its evaluation split.
        folder: Is there already.
        prior: That of the training if it is None.

    Returns:
        What failed and why, without the pictures that have no meaning here.
    """
    offered = {"model": model, "split": dataset.fixed("evaluation"), "dataset": dataset}
    offered["prior"] = prior
    failed = {}
    for name in names:
        stem = row_name(name)
        try:
            _save(_picture(name, offered), folder / f"{stem}.png")
        except NotApplicable as error:
            _say(folder / f"{stem}.txt", f"not applicable: {error}")
        except (Exception, SystemExit) as error:  # a user's picture can fail in any way
            failed[name] = reason(error)
            _say(folder / f"{stem}.txt", failed[name])
    return failed


@torch.no_grad()
def _picture(name: str, offered: Mapping[str, Any]) -> Tensor:
    function, settings = PICTURES.load(name)
    wanted = asked_for(name, function, OFFERED, PICTURES.kind)
    return _image(function(**{key: offered[key] for key in wanted}, **settings))


def _image(result: Any) -> Tensor:
    """The image that a picture is, whether it came as one or as rows of them."""
    shape = tuple(getattr(result, "shape", ()))
    if len(shape) not in (3, 5) or shape[-3] not in (1, 3):
        found = shape or type(result).__name__
        raise TypeError(f"a picture is (1 or 3, H, W), or rows of such in 5 dimensions: {found}")
    return enlarged(tiled(result) if len(shape) == 5 else result.clamp(0, 1))


def _save(image: Tensor, path: Path) -> None:
    pixels = (255 * image).round().byte().permute(1, 2, 0).squeeze(2)
    Image.fromarray(pixels.numpy()).save(path)


def _say(path: Path, why: str) -> None:
    path.write_text(f"{why}\n", encoding="utf-8")
