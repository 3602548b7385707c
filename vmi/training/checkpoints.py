"""Checkpoints: the weights of a trained model in a file of tensors, where nothing could run."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import safe_open
from safetensors.torch import load_model, save_file, save_model
from torch import Tensor, nn

from vmi.nets.batch_statistics import track_population_statistics

__all__ = ["load_weights", "save_tensors", "save_weights", "weights_file"]


def save_weights(model: nn.Module, folder: Path, seed: int) -> None:
    """Writes the weights of a seed's model into a folder that is there."""
    path = weights_file(folder, seed)
    save_model(model, path)
    _share(path)


def save_tensors(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Writes tensors into a folder that is there."""
    save_file({name: t.contiguous() for name, t in tensors.items()}, path)
    _share(path)


def load_weights(model: nn.Module, folder: Path, seed: int) -> nn.Module:
    """Fills an untrained model with the weights of a seed; returns it frozen, for evaluation."""
    path = weights_file(folder, seed)
    with safe_open(path, "pt") as file:
        if any(name.endswith("running_mean") for name in file.keys()):  # noqa: SIM118
            track_population_statistics(model)
    load_model(model, path)
    return model.eval().requires_grad_(False)


def weights_file(folder: Path, seed: int) -> Path:
    """Returns where the weights of a seed lie."""
    return folder / f"seed-{seed}.safetensors"


def _share(path: Path) -> None:
    """Lets who may read the folder read the file: safetensors lets its owner alone."""
    path.chmod(path.parent.stat().st_mode & 0o666)
