"""The mutual information gap, in each of the forms that are published under its name."""

import math

import numpy as np
import torch
from torch import Tensor

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics import plain
from vmi.metrics.bins import Cut, binned, discretised, quantile_binned
from vmi.metrics.counts import Table, compared, entropy, share, tables
from vmi.nets.codes import Codes

__all__ = [
    "mig",
    "mig_binned_factors",
    "mig_binned_factors_quantile",
    "mig_code_entropy",
    "mig_code_entropy_quantile",
    "mig_posterior",
    "mig_quantile",
]

CELLS = 4_000_000  # of the matrix of densities at a time, so that memory is bounded


def mig(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    r"""Returns the mutual information gap, from every code there is.

    .. math:: \frac1F \sum_f \frac{I(v_f; z_{(1)}) - I(v_f; z_{(2)})}{H(v_f)}

    with :math:`z_{(1)}, z_{(2)}` the two dimensions most informative on the factor. A dimension is
    a Gaussian mean in equal-width bins, as in disentanglement_lib and disent, or the most probable
    value of a categorical block. Classes are as they are, continuous factors are cut as the means
    are, and a factor with a single value is left out. Natural logarithms, which cancel. Constant
    codes score 0, and so do duplicated ones.

    The ceiling is what no code can pass: 1 where no factor has more values than a dimension, else
    the mean over factors of the most that so many values can tell of each (`counts.capacity`). The
    score of the factors themselves, taken as codes and binned alike, stands beside it in the
    convention: .9024 on all of dSprites. It is no ceiling. Of factors that go together or are
    skewed other codes score more, such as one dimension that holds everything; there is a warning
    where it is more than 5% below the ceiling.

    Beware: one outlier empties the bins of its dimension (at 25 standard deviations .90 becomes
    .40; `mig_quantile` keeps its value), and few images feign information (`vmi.metrics.counts`).

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F); integers are classes, floats continuous.
        bins: Of equal width, between the least and the greatest mean of a dimension.

    Raises:
        NotApplicable: No factor varies, the code has one dimension, or a number is not finite.

    References:
        | Isolating Sources of Disentanglement in VAEs (Chen et al., 2018), section 4
        | https://arxiv.org/abs/1802.04942
        | Challenging Common Assumptions in the Unsupervised Learning of Disentangled
        | Representations (Locatello et al., 2019), https://arxiv.org/abs/1811.12359
        | https://github.com/google-research/disentanglement_lib, evaluation/metrics/mig.py
    """
    return _counted(codes, factors, bins, binned)


def mig_quantile(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    """Returns `mig` with bins that hold as many codes each, so that no outlier matters.

    Args, ceiling and errors are those of `mig`.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F); integers are classes, floats continuous.
        bins: Between the quantiles of a dimension's means.
    """
    return _counted(codes, factors, bins, quantile_binned)


def mig_binned_factors(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    r"""Returns `mig` of factors that are binned as the codes are, over the entropy of their bins.

    .. math:: \frac1F \sum_f \frac{I(b(v_f); z_{(1)}) - I(b(v_f); z_{(2)})}{H(b(v_f))}

    The binning of the codes then costs a perfect code nothing, so its score is nearer to 1 than
    that of `mig`, and is blind to the values that share a bin.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F), of whichever type.
        bins: Of equal width, of means and of factors.

    References:
        | Measuring Disentanglement: A Review of Metrics (Carbonneau et al., 2022), which bins
        | both, https://arxiv.org/abs/2012.09276
    """
    return _counted(codes, factors, bins, binned, cut_factors=True)


def mig_binned_factors_quantile(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    """Returns `mig_binned_factors` with bins that hold as many each."""
    return _counted(codes, factors, bins, quantile_binned, cut_factors=True)


def mig_code_entropy(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    r"""Returns the gap of the shares of the codes' entropies, not of the factors'.

    .. math:: \frac1F \sum_f \left(\frac{I(v_f; z)}{H(z)}\right)_{(1)}
        - \left(\frac{I(v_f; z)}{H(z)}\right)_{(2)}

    Each information is divided by the entropy of its own dimension before the two greatest are
    found. It asks whether a dimension holds nothing else, where `mig` asks whether it holds the
    whole factor: a code of half of a factor's values scores 1 here and less there. A constant
    dimension counts 0.

    Args:
        codes: N posteriors, or an array (N, D).
        factors: (N,) or (N, F); integers are classes, floats continuous and cut.
        bins: Of equal width.

    References:
        | Measuring Disentanglement: A Review of Metrics (Carbonneau et al., 2022), whose code
        | divides so, with 10 bins, src/metrics/mig.py in
        | https://github.com/ubisoft/ubisoft-laforge-disentanglement-metrics
    """
    return _counted(codes, factors, bins, binned, over_codes=True)


def mig_code_entropy_quantile(codes: Codes, factors: Tensor, *, bins: int = 20) -> Estimate:
    """Returns `mig_code_entropy` with bins that hold as many each."""
    return _counted(codes, factors, bins, quantile_binned, over_codes=True)


def mig_posterior(
    codes: Codes, factors: Tensor, generator: torch.Generator, *, samples: int = 1000
) -> Estimate:
    r"""Returns the mutual information gap of samples of the posteriors, as it was first defined.

    .. math:: I(v_f; z_d) = E_{q(z_d|x)} \ln \frac{q(z_d|v_f)}{q(z_d)}, \quad
        q(z_d|v) = \frac{1}{N_v} \sum_{n: v_n = v} q(z_d|x_n)

    No bins of the codes, so a perfect code with narrow posteriors scores 1, the ceiling. The N
    images are taken as all there are. Information is clamped at 0, as there. Dimensions that ignore
    the image score 0; but posteriors so narrow that they never overlap identify each image, and
    with it each factor, however random they are. Continuous factors are cut into 20 equal bins.

    Args:
        codes: N posteriors with a width; a categorical block is one dimension and needs none.
        factors: (N,) or (N, F); integers are classes, floats continuous.
        generator: Of the images and the samples.
        samples: How many images one sample each is drawn of, at most N. The authors have 10,000.

    Raises:
        NotApplicable: As `mig`, or a posterior has no width.

    References:
        | Isolating Sources of Disentanglement in VAEs (Chen et al., 2018), section 4
        | https://arxiv.org/abs/1802.04942
        | https://github.com/rtqichen/beta-tcvae, disentanglement_metrics.py
    """
    codes = plain.as_codes(codes)
    if (codes.scale <= 0).any():
        raise NotApplicable("the metric is of posteriors, and these codes have no width")
    if codes.mean.shape[1] + len(codes.categorical) < 2:
        raise NotApplicable("the metric compares dimensions, and this code has 1")
    targets = discretised(plain.factor_columns(factors), 20)
    chosen = torch.randperm(len(codes), generator=generator)[:samples].numpy()
    means, scales = codes.mean.double().numpy().T, codes.scale.double().numpy().T
    gaussians = zip(means, scales, strict=True)
    terms = [_terms_of_gaussian(m, s, targets, chosen, generator) for m, s in gaussians]
    terms += [_terms_of_category(p.double().numpy(), targets, chosen) for p in codes.categorical]
    convention = f"{len(chosen)} samples of the posteriors, raw factors, / H(factor)"
    return _sampled(np.stack(terms), targets, n=len(codes), convention=convention)


def _counted(
    codes, factors, bins: int, cut: Cut, *, cut_factors: bool = False, over_codes: bool = False
) -> Estimate:
    found = tables(codes, factors, bins, cut, cut_factors=cut_factors, dimensions=2)
    score, own = (_gap(*_scaled(table, over_codes)) for table in found)
    scored, _ = found
    most = 1.0 if over_codes else np.mean(share(scored.most(), scored.factor_entropies))
    kind = "equal-width" if cut is binned else "quantile"
    whose, entropy_of = "binned" if cut_factors else "raw", "code" if over_codes else "factor"
    convention = f"means in {bins} {kind} bins, {whose} factors, / H({entropy_of})"
    return compared(score, own, float(most), convention, n=len(codes))


def _scaled(table: Table, over_codes: bool) -> tuple[np.ndarray, np.ndarray]:
    """The values that the gap is between, and the entropies that divide it."""
    if over_codes:
        return share(table.information, table.code_entropies[:, None]), np.ones(1)
    return table.information, table.factor_entropies


def _gap(values: np.ndarray, scales: np.ndarray) -> float:
    """The mean over factors, (D, F), of how far the best dimension is ahead of the second."""
    ordered = np.sort(values, 0)
    return float(np.mean(share(ordered[-1] - ordered[-2], scales)))


def _sampled(terms: np.ndarray, targets: list[np.ndarray], **fields) -> Estimate:
    """The gap of the means of terms (D, F, S), with its standard error over the S images."""
    information, scales = terms.mean(2).clip(0), np.array([entropy(v) for v in targets])
    second, first = np.argsort(information, 0)[-2:]
    factor = np.arange(len(targets))
    gaps = ((terms[first, factor] - terms[second, factor]) / scales[:, None]).mean(0)
    value = _gap(information, scales)
    warning = "above its ceiling of 1 by the noise of the samples: draw more" if value > 1 else ""
    return Estimate(value, _stderr(gaps), ceiling=1.0, warning=warning, **fields)


def _stderr(terms: np.ndarray) -> float:
    return float(terms.std(ddof=1) / math.sqrt(len(terms))) if len(terms) > 1 else math.nan


def _terms_of_gaussian(
    mean: np.ndarray,
    scale: np.ndarray,
    targets: list[np.ndarray],
    chosen: np.ndarray,
    generator: torch.Generator,
) -> np.ndarray:
    """log q(z|v) - log q(z) of one sample for each chosen image and each factor, (F, S)."""
    noise = torch.randn(len(chosen), generator=generator, dtype=torch.float64).numpy()
    z, sizes = mean[chosen] + scale[chosen] * noise, [np.bincount(v) for v in targets]
    parts = []
    for at in np.array_split(np.arange(len(z)), math.ceil(len(z) * len(mean) / CELLS)):
        log = -(((z[at, None] - mean) / scale) ** 2) / 2 - np.log(scale)
        density = np.exp(log - log.max(1, keepdims=True))
        value_of_image = [v[chosen[at]] for v in targets]
        within = [
            (density * (v == o[:, None])).sum(1)
            for v, o in zip(targets, value_of_image, strict=True)
        ]
        of_class = [w / n[o] for w, n, o in zip(within, sizes, value_of_image, strict=True)]
        parts.append(np.log(of_class) - np.log(density.mean(1)))
    return np.concatenate(parts, 1)


def _terms_of_category(p: np.ndarray, targets: list[np.ndarray], chosen: np.ndarray) -> np.ndarray:
    r""":math:`\sum_c q(c|x) \ln q(c|v) / q(c)` for each chosen image and each factor, (F, S)."""
    terms = []
    for v in targets:
        of_class = np.stack([p[v == value].mean(0) for value in range(v.max() + 1)])
        ratio = np.log(share(of_class, p.mean(0)).clip(1e-300))
        terms.append((p[chosen] * ratio[v[chosen]]).sum(1))
    return np.array(terms)
