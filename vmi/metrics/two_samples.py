"""Whether draws of the aggregate posterior and of a prior can be told apart."""

import numpy as np
import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.fitting import binomial, draw_seed
from vmi.models.info_vae import mmd
from vmi.nets.codes import Codes
from vmi.nets.densities import sample
from vmi.priors.prior import Prior

__all__ = ["prior_classifier", "prior_mmd"]

BLOCK = 250  # codes of a block, of which each has an estimate of its own


@torch.no_grad()
def prior_mmd(
    codes: Codes, prior: Prior, generator: torch.Generator, *, most: int = 2000
) -> Estimate:
    r"""Returns the squared maximum mean discrepancy of q(z) and a prior, 0 where they are equal.

    .. math:: E k(z, z') + E k(y, y') - 2 E k(z, y), \quad z \sim q, y \sim p, \quad
        k(a, b) = \frac{h}{h + \|a - b\|^2}, \quad h = 2 D

    Unbiased, so that it may be below 0: the mean over blocks of 250 codes, and its standard error.

    Args:
        codes: Posteriors.
        prior: Any.
        generator: Of the samples.
        most: Codes, evenly spread.

    Raises:
        NotApplicable: There are fewer than four codes.

    References:
        | A Kernel Two-Sample Test (Gretton et al., 2012), Lemma 6
        | https://jmlr.org/papers/v13/gretton12a.html
    """
    if len(codes) < 4:
        raise NotApplicable("a discrepancy wants four codes at least")
    _, z = sample(codes.thinned(most), generator)
    z, y = z[torch.randperm(len(z), generator=generator)], prior.sample(len(z), generator)
    size = min(BLOCK, len(z) // 2)
    whole = len(z) // size * size
    pairs = zip(z[:whole].split(size), y[:whole].split(size), strict=True)
    values = torch.stack([mmd(*pair, "imq") for pair in pairs])
    stderr = float(values.std() / len(values) ** 0.5)
    about = {"warning": prior.warning, "convention": f"inverse multiquadric, blocks of {size}"}
    return Estimate(float(values.mean()), stderr, n=len(z), **about)


@torch.no_grad()
def prior_classifier(
    codes: Codes,
    train_codes: Codes,
    prior: Prior,
    generator: torch.Generator,
    *,
    most: int = 2000,
) -> Estimate:
    """Returns how often a classifier tells draws of q(z) from those of a prior; chance is .5.

    Gradient-boosted trees, fitted to draws of the training codes and of the prior and scored on
    draws of the evaluation codes and as many others of the prior. Standard error: binomial.

    Args:
        codes: Posteriors of the evaluation images.
        train_codes: Posteriors of the training images.
        prior: Any.
        generator: Of the samples, and of the classifier.
        most: Codes of each kind, evenly spread.

    References:
        | Revisiting Classifier Two-Sample Tests (Lopez-Paz & Oquab, 2017)
        | https://arxiv.org/abs/1610.06545
    """
    from sklearn.ensemble import HistGradientBoostingClassifier

    parts = [_labelled(c.thinned(most), prior, generator) for c in (train_codes, codes)]
    (x, y), (u, v) = parts
    trees = HistGradientBoostingClassifier(max_iter=100, random_state=draw_seed(generator))
    accuracy = float(np.mean(trees.fit(x, y).predict(u) == v))
    convention = f"boosted trees on {len(x)} draws, chance is .5"
    return Estimate(
        accuracy,
        binomial(accuracy, len(u)),
        ceiling=1.0,
        n=len(u),
        convention=convention,
        warning=prior.warning,
    )


def _labelled(
    codes: Codes, prior: Prior, generator: torch.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Draws of codes and as many of the prior, and which are which."""
    _, z = sample(codes, generator)
    both: Tensor = torch.cat([z, prior.sample(len(z), generator)])
    return both.numpy(), np.repeat([1, 0], len(z))
