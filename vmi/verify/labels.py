"""Known answers of the metrics that read labels off codes."""

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch

from vmi.metrics.accuracy import (
    accuracy_hungarian,
    accuracy_majority,
    accuracy_one_to_one,
    ari,
    nmi,
)
from vmi.metrics.fitting import binomial
from vmi.metrics.probe import linear_probe
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.worlds import one_hot_codes, plain_codes

__all__ = ["cases"]

SHARP = 1e-12  # of exact arithmetic


def cases() -> list[Case]:
    """Returns the known answers of labels, which are of the room of predictors."""
    return [*_labels(), *_probe()]


def _labels() -> list[Case]:
    labels = torch.arange(1000) % 2
    flipped = torch.where(torch.arange(1000) < 100, 1 - labels, labels)
    bits = replace(one_hot_codes(flipped, sizes=[2]), labels=labels)
    known = torch.tensor([0, 0, 0, 1, 1, 0, 0, 0, 0, 1])
    code = replace(one_hot_codes([0] * 5 + [1] * 5, sizes=[2]), labels=known)
    four = one_hot_codes(torch.arange(8) % 4, sizes=[4])
    told = 1 + (0.1 * math.log(0.1) + 0.9 * math.log(0.9)) / math.log(2)
    # Pairs of images alike in both, less those by chance, over the most there could be.
    alike, most = 2 * (math.comb(450, 2) + math.comb(50, 2)), 2 * math.comb(500, 2)
    chance = most**2 / math.comb(1000, 2)
    rand, flip = (alike - chance) / (most - chance), "bits flipped by 0.1"
    majority, hungarian = "accuracy-majority", "accuracy-hungarian"
    named = partial(accuracy_one_to_one, train_codes=code)
    return [
        _exact(majority, "by hand", 0.7, lambda: accuracy_majority(code, known, code)),
        _exact(majority, flip, 0.9, lambda: accuracy_majority(bits, labels, bits)),
        _exact(hungarian, "by hand", 0.6, lambda: accuracy_hungarian(code, known)),
        _exact(hungarian, flip, 0.9, lambda: accuracy_hungarian(bits, labels)),
        _exact(hungarian, "4 values", 0.5, lambda: accuracy_hungarian(four, [0, 1] * 4)),
        _exact("accuracy-one-to-one", "as it was fitted", 0.6, lambda: named(code, known)),
        _exact("accuracy-one-to-one", "names kept", 0.4, lambda: named(code, 1 - known)),
        _exact("nmi", flip, told, lambda: nmi(bits, labels)),
        _exact("ari", flip, rand, lambda: ari(bits, labels)),
    ]


def _probe() -> list[Case]:
    train, codes = (_classes(stream) for stream in (0, 1))
    best = (1 + math.erf(1 / math.sqrt(8))) / 2
    error = 3 * binomial(best, 10_000)
    probe = partial(linear_probe, codes, codes.labels, train)
    return [
        Case(
            "linear-probe",
            "two normal classes",
            best,
            lambda: probe(generator(0)).value,
            error,
            error,
            "Bayes: Phi(d / 2)",
        )
    ]


def _exact(instrument: str, name: str, truth: float, got: Callable) -> Case:
    return Case(instrument, name, truth, lambda: got().value, SHARP, SHARP)


def _classes(stream: int) -> Codes:
    labels = torch.arange(10_000) % 2
    noise = torch.randn(10_000, generator=generator("classes", stream))
    return plain_codes((labels + noise)[:, None], labels=labels)
