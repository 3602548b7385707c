"""Modularity, explicitness and compactness in terms of information."""

import math
import warnings

import numpy as np
import torch
from torch import Tensor

from vmi.arrays import columns, standardised
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics import plain
from vmi.metrics.bins import discretised
from vmi.metrics.counts import entropy, mutual_information_matrix, share
from vmi.metrics.fitting import draw_seed
from vmi.nets.codes import Codes

__all__ = ["infomec"]

ITERATIONS = 100  # of the logistic regression, as its authors stop it
INACTIVE = 1 / 20  # of the aggregate's deviation; a dimension whose mean has less is pruned


def infomec(
    codes: Codes,
    factors: Tensor,
    generator: torch.Generator,
    *,
    neighbours: int = 10,
    images: int = 10_000,
) -> list[Estimate]:
    r"""Returns InfoM, InfoE and InfoC.

    With :math:`N_{df} = I(z_d; v_f) / H(v_f)` over the D active dimensions and the F factors:

    .. math::
        M &= \frac{\frac1D \sum_d \max_f N_{df} / \sum_f N_{df} - 1/F}{1 - 1/F} \\
        C &= \frac{\frac1F \sum_f \max_d N_{df} / \sum_d N_{df} - 1/D}{1 - 1/D} \\
        E &= \frac1F \sum_f 1 - \frac{H_V(v_f|z)}{H_V(v_f)}

    - `modularity` M: each dimension informs on one factor; 0 where it informs on all equally.
    - `compactness` C: one dimension informs on each factor; a duplicated code is not compact.
    - `explicitness` E: the predictive information of logistic regression from all dimensions,
      with classes balanced, so that :math:`H_V(v)` is the logarithm of their number.
    - the whole: the mean of the three, which the authors do not form.

    The information of a mean is that of nearest neighbours (Ross, 2014), that of a category is
    counted. A perfect code has 1 each, but for what few images feign of the other factors (.99 of
    3,000). Constant codes score 0. A code that holds everything twice has a C of
    :math:`(1/2 - 1/D) / (1 - 1/D)`.

    Beware: E is fitted and scored on the same codes, as by the authors; and normal noise has an M
    of .3 to .8 and a C of .4 to .6, as a ratio of nearly nothing to nearly nothing is not nothing.
    Its E is 0, so read the three together.

    Its authors prune a dimension whose range is less than a twentieth of the widest one's, which
    are comparable where all have the scale of one quantiser. Here it is one whose mean has less
    than a twentieth of the standard deviation of the aggregate posterior
    (`vmi.metrics.plain.active`), which has no units, so that no outlier and no small dimension of
    use is left out; codes without width are pruned where they are constant. Neighbours and
    regression see standardised means.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N, F), at least two that vary; floats are cut into 20 equal-width bins.
        generator: Of the images chosen and of what breaks ties between neighbours.
        neighbours: Of the estimate of information.
        images: At most so many, chosen at random, as neighbours and regression are slow.

    Raises:
        NotApplicable: Fewer than two factors vary, the code has one active dimension, all values
            of a factor differ, or a number is not finite.

    References:
        | Disentanglement via Latent Quantization (Hsu et al., 2023)
        | https://arxiv.org/abs/2305.18378
        | https://github.com/kylehkhsu/latent_quantization, disentangle/metrics/infomec.py
        | Mutual Information between Discrete and Continuous Data Sets (Ross, 2014)
        | https://doi.org/10.1371/journal.pone.0087357
    """
    chosen = torch.randperm(len(codes), generator=generator)[:images].numpy()
    dimensions = [z[chosen] for z in _active(codes)]
    targets = _classes(plain.factor_columns(columns(factors)[chosen]))
    if len(dimensions) == 1:
        raise NotApplicable("the metric compares active dimensions, and this code has 1")
    seed = draw_seed(generator)
    table = np.array([[_share(z, v, neighbours, seed) for v in targets] for z in dimensions])
    matrix = standardised(plain.features(codes)[0][chosen])  # probabilities too
    parts = {
        "modularity": _concentration(table),
        "explicitness": float(np.mean([_explicitness(matrix, v) for v in targets])),
        "compactness": _concentration(table.T),
    }
    how = f"{neighbours} neighbours, / H(factor); regression scored where it is fitted"
    numbers = {"": float(np.mean(list(parts.values()))), **parts}
    return [
        Estimate(
            v, part=part, ceiling=1.0, n=len(chosen), convention=how if part else f"mean, {how}"
        )
        for part, v in numbers.items()
    ]


def _active(codes) -> list[np.ndarray]:
    """The dimensions in use, standardised means and most probable categories, (N,) each."""
    used = plain.active(codes, INACTIVE)
    means = standardised(plain.as_codes(codes).mean.double().numpy()).T
    of_means = [z for z, is_used in zip(means, used, strict=False) if is_used]
    categories = plain.dimensions(codes)[len(means) :]
    return of_means + [z for z in categories if (z != z[0]).any()]


def _classes(columns: list[np.ndarray]) -> list[np.ndarray]:
    targets = [np.unique(v, return_inverse=True)[1] for v in discretised(columns, 20)]
    if len(targets) < 2:
        raise NotApplicable("the metric compares factors, and here varies 1")
    if any(np.bincount(v).max() < 2 for v in targets):
        raise NotApplicable("all values of a factor differ, and neighbours are of the same value")
    return targets


def _share(z: np.ndarray, v: np.ndarray, neighbours: int, seed: int) -> float:
    """The mutual information of a dimension and a factor as a share of the factor's entropy."""
    if z.dtype.kind == "f":
        from sklearn.feature_selection import mutual_info_classif

        settings = {"discrete_features": False, "n_neighbors": neighbours, "random_state": seed}
        information = mutual_info_classif(z[:, None], v, **settings)[0]
    else:
        information = max(mutual_information_matrix([z], [v])[0, 0], 0.0)
    return information / entropy(v)


def _concentration(table: np.ndarray) -> float:
    """How far each row lies in one place, averaged: 1 if wholly, 0 if it is spread evenly."""
    if not table.size:
        return 0.0
    places = table.shape[1]
    most = np.where(table.sum(1) > 0, share(table.max(1), table.sum(1)), 1 / places)
    return float((most.mean() - 1 / places) / (1 - 1 / places))


def _explicitness(matrix: np.ndarray, values: np.ndarray) -> float:
    """1 - H_V(v|z) / H_V(v), of multinomial logistic regression with balanced classes."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import log_loss

    model = LogisticRegression(C=np.inf, class_weight="balanced", max_iter=ITERATIONS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the published number stops here too
        model.fit(matrix, values)
    return 1 - log_loss(values, model.predict_proba(matrix)) / math.log(values.max() + 1)
