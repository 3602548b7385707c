"""What a cohort asks of a cluster, from its suite and the size of its network.

Minutes and memory are upper estimates, by which a scheduler ends a job that went wrong; one that
needs more comes back with more. They are made without the model, as Snakemake asks whenever it
starts: this file imports no torch.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import TYPE_CHECKING, Any, NamedTuple

from vmi.models import MODELS

if TYPE_CHECKING:
    from vmi.suites.suite import Suite

__all__ = ["Needs", "needs_of"]


class Cost(NamedTuple):
    """Of models of images of 28 x 28.

    Attributes:
        plain: Core-seconds a training step of a VAE takes an image, of a job that has the machine
            to itself.
        with_q: The same of a VMI-VAE, whose Q is a network more and reads decoded images.
        megabytes: Of the weights of a VMI-VAE.
    """

    plain: float
    with_q: float
    megabytes: float


# By the width of the network, as `make speed` measures them: results/published/speed/costs.csv.
COSTS = {
    "linear": {1: Cost(1.14e-5, 2.43e-5, 0.26)},
    "dense": {200: Cost(2.94e-5, 6.68e-5, 2.4), 400: Cost(5.12e-5, 1.23e-4, 5.8)},
    "conv": {32: Cost(2.69e-4, 5.9e-4, 10.1)},
    "serdega": {16: Cost(1.09e-4, 2.36e-4, 1.5), 64: Cost(5.51e-4, 1.19e-3, 23.8)},
}
PLAIN = ("vae", "beta-vae", "info-vae", "weighted-vae")  # models of no network but the VAE's
UNKNOWN = {1: COSTS["serdega"][64]}  # of the user's own: as the largest that is measured
BUSY = 1.3  # times as long with a job on every core, as cores share memory and clock: paper-small's
GAUSSIAN = 8  # numbers of a code, where the suite does not say: as `vmi.nets.latents.Latents`
IMAGES = 70_000  # of a data set, whose codes are kept: as MNIST has
KEPT = 4  # times its weights, a training's state: Adam's moments, and the last good weights
STEPS, BATCH = 5000, 128  # of a suite that does not say: the defaults of `vmi.training.loop.train`

LEAST_MINUTES, LEAST_MB = 60, 3000
MARGIN = 2.5  # for slower processors, two jobs a core, and what is measured afterwards
CORES = 4  # of a training of hours; operations of small networks are faster on one
LONG = 3600  # core-seconds
SPEED_UP = 3  # of that many cores: taken to be, and not measured
ON_GPU = 10  # times as fast as one core: taken to be, and not measured
MOST_TIMES = 3  # what the last tries ask for, in first tries


@dataclass(frozen=True)
class Needs:
    """What one job asks for.

    Attributes:
        minutes: Of wall time, at most.
        cores: Threads.
        mb: Memory in megabytes, at most.
        gpus: How many GPUs.
        core_hours: What its training is expected to take, on a CPU; 0 where nothing is trained.
        disk_mb: What it is expected to leave: models and codes, and a state while it trains.
    """

    minutes: int
    cores: int
    mb: int
    gpus: int
    core_hours: float = 0.0
    disk_mb: float = 0.0

    @property
    def hours(self) -> float:
        """What its training is expected to take with the cores or the GPU that it asks for."""
        faster = ON_GPU if self.gpus else SPEED_UP if self.cores > 1 else 1
        return self.core_hours / faster

    def at(self, attempt: int) -> "Needs":
        """Returns what the job asks for when it is tried once more: more time and memory.

        Args:
            attempt: 1 for the first.
        """
        times = min(attempt, MOST_TIMES)
        return replace(self, minutes=times * self.minutes, mb=times * self.mb)


def needs_of(
    suite: "Suite", task: str, method: str, seeds: Sequence[int], device: str = "cpu"
) -> Needs:
    """Returns what a cohort asks for at its first try.

    Args:
        suite: The suite.
        task: The name of a task, or of a group of tasks.
        method: The name of a method.
        seeds: The cohort's.
        device: Where to train.
    """
    if "fit" not in suite.kind.stages:
        return Needs(LEAST_MINUTES, 1, LEAST_MB, 0)
    cell = suite.cell(task, method)
    seconds = len(seeds) * _training(cell)
    gpus = int(device.startswith("cuda"))
    cores = CORES if gpus or seconds > LONG else 1
    mb = round(LEAST_MB + _megabytes(cell))
    disk = (len(seeds) + KEPT) * _weights(cell) + len(seeds) * _codes(cell)
    asked = Needs(LEAST_MINUTES, cores, mb, gpus, seconds / 3600, disk)
    return replace(asked, minutes=round(LEAST_MINUTES + MARGIN * 60 * asked.hours))


def _training(cell: Mapping[str, Any]) -> float:
    """Core-seconds of a training."""
    how = cell.get("training", {})
    cost = _cost(cell)
    an_image = cost.plain if _is_plain(cell) else cost.with_q
    return BUSY * how.get("steps", STEPS) * how.get("batch_size", BATCH) * an_image


def _is_plain(cell: Mapping[str, Any]) -> bool:
    """Says whether a model trains a VAE and nothing beside; of a user's own it is not known."""
    name = cell.get("model", {}).get("model", "")
    return MODELS.knows(name) and MODELS.split(name)[0] in PLAIN


def _megabytes(cell: Mapping[str, Any]) -> float:
    """What a network adds: weights, gradients, Adam's moments, the activations of a batch."""
    return 4e5 * _cost(cell).with_q


def _weights(cell: Mapping[str, Any]) -> float:
    """Megabytes of a model."""
    return _cost(cell).megabytes


def _codes(cell: Mapping[str, Any]) -> float:
    """Megabytes of the codes of a model: a mean and a spread, or the logits of the classes."""
    latents = cell.get("latents", {})
    numbers = 2 * latents.get("gaussian", GAUSSIAN) + sum(latents.get("categorical", []))
    return IMAGES * 4 * numbers / 1e6


def _cost(cell: Mapping[str, Any]) -> Cost:
    """Between measured widths by a power of the width, above them by its square, below as they."""
    family, width = _family(cell.get("network", ""))
    known = COSTS.get(family, UNKNOWN)
    width = max(width or max(known), min(known))
    low, wider = max(w for w in known if w <= width), [w for w in known if w > width]
    if not wider:
        return Cost(*(cost * (width / low) ** 2 for cost in known[low]))
    share = log(width / low) / log(min(wider) / low)
    pairs = zip(known[low], known[min(wider)], strict=True)
    return Cost(*(below ** (1 - share) * above**share for below, above in pairs))


def _family(network: str) -> tuple[str, float | None]:
    """`serdega-64` is of the family `serdega`, and 64 wide."""
    family, _, width = network.rpartition("-")
    try:
        return (family, float(width)) if family in COSTS else (network, None)
    except ValueError:
        return network, None
