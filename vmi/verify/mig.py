"""Known answers of the mutual information gap, in all its forms."""

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import torch

from vmi.metrics import bins, counts, mig
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.grids import DSPRITES, GRID_CEILING, LIBRARY, SEEN, draw, grid, own, scored
from vmi.verify.worlds import one_hot_codes

__all__ = ["antipodal", "antipodal_information", "cases"]


def cases() -> list[Case]:
    """Returns the known answers of the gaps."""
    return [*_mig(), *_forms(), *_posterior()]


def antipodal_information(mean: float) -> float:
    """I(v; z) of an even v = -1 or 1 and z ~ N(mean v, 1), in nats, by quadrature."""
    z = np.linspace(-mean - 12, mean + 12, 20_001)
    density = np.exp(-((z - mean) ** 2) / 2) / math.sqrt(2 * math.pi)
    told = math.log(2) - np.logaddexp(0, -2 * mean * z)
    return float((density * told).sum() * (z[1] - z[0]))


def outlier(k: int, n: int = 20_000, deviations: float = 25.0) -> tuple[np.ndarray, np.ndarray]:
    """Two factors of k values each as a code, one image of which lies far out; codes, factors."""
    factors = np.stack([np.arange(n) % k, np.arange(n) // k % k], 1)
    codes = factors.astype(float)
    codes[0] = deviations * codes.std(0)
    return codes, factors


def _far() -> tuple[np.ndarray, np.ndarray]:
    factors = draw(10_000, *DSPRITES)
    codes = factors.astype(float)
    codes[0] = codes.mean(0) + 25 * codes.std(0)
    return codes, factors


def told_with_outlier(k: int, deviations: float = 25.0, bins: int = 20) -> float:
    """The share that the bins leave of k even values below an outlier."""
    width = deviations * math.sqrt((k**2 - 1) / 12) / bins
    p = np.bincount((np.arange(k) / width).astype(int)) / k
    return float(-np.log(p[p > 0]) @ p[p > 0] / math.log(k))


def _noise(n: int, kind: str = "normal", draws: int = 30) -> float:
    """The mean share of a 40-valued factor that noise seems to tell."""
    stream = np.random.default_rng(0)
    noise = [bins.binned(getattr(stream, kind)(size=n), 20) for _ in range(draws)]
    factor = stream.integers(40, size=n)
    return counts.mutual_information_matrix(noise, [factor]).mean() / math.log(40)


def _mig() -> list[Case]:
    f, few = grid(*DSPRITES), draw(3000, *[10] * 5)
    xor, bits = grid(2, 2).sum(1) % 2, grid(2, 2)
    half = np.stack([np.arange(8) % 4, np.arange(8) % 4 // 2], 1)
    far = outlier(10)
    return [
        scored("mig", "all of dSprites, 20 bins", GRID_CEILING, own(mig.mig, f)),
        scored("mig", "all of dSprites, 40 bins", 1, own(mig.mig, f, bins=40)),
        scored(
            "mig",
            "10,000 of dSprites",
            0.895,
            own(mig.mig, draw(10_000, *DSPRITES)),
            0.002,
            source=SEEN,
        ),
        scored("mig", "the factors themselves", 0.95, own(mig.mig, few), 0.05, source=LIBRARY),
        scored("mig", "a constant code", 0, lambda: mig.mig(0.0 * few, few), source=LIBRARY),
        scored("mig", "all twice", 0, lambda: mig.mig(np.tile(few, 2), few), source=LIBRARY),
        scored("mig", "all told, half told", 0.5, lambda: mig.mig(half, np.arange(8) % 4)),
        scored("mig", "the XOR of two bits", 0, lambda: mig.mig(np.stack([xor, 0 * xor], 1), bits)),
        scored("mig", "dSprites, an outlier", 0.40, lambda: mig.mig(*_far()), 0.02, source=SEEN),
        scored("mig", "an outlier at 25 sd", told_with_outlier(10), lambda: mig.mig(*far), 2e-3),
        # One draw has a spread of .007 and .0006.
        _noise_case("normal noise, 1,000 images", 0.094, partial(_noise, 1000), 0.01),
        _noise_case("normal noise, 10,000 images", 0.010, partial(_noise, 10_000), 0.001),
        _noise_case(
            "uniform noise, 10,000 images",
            19 * 39 / 20_000 / math.log(40),
            partial(_noise, 10_000, "uniform"),
            0.0005,
        ),
    ]


def _noise_case(name: str, truth: float, got: Callable, within: float) -> Case:
    source = "plug-in information over H(factor); (A - 1)(B - 1) / 2N"
    return Case("mig", name, truth, got, within, within, source)


def _forms() -> list[Case]:
    f, some, far = grid(*DSPRITES), draw(10_000, *DSPRITES), outlier(10)
    bent = np.exp(f / 4.0)
    whole = np.arange(8) % 4
    half = np.stack([whole // 2, 0 * whole], 1)
    both = np.stack([whole, whole // 2], 1)
    return [
        scored("mig-quantile", "all of dSprites", GRID_CEILING, own(mig.mig_quantile, f)),
        scored("mig-quantile", "bent", GRID_CEILING, lambda: mig.mig_quantile(bent, f)),
        scored("mig-quantile", "an outlier at 25 sd", 1, lambda: mig.mig_quantile(*far), 2e-3),
        scored("mig-binned-factors", "all of dSprites", 1, own(mig.mig_binned_factors, f)),
        scored(
            "mig-binned-factors",
            "10,000 of dSprites, 20 bins",
            0.995,
            own(mig.mig_binned_factors, some),
            0.001,
            source=SEEN,
        ),
        scored(
            "mig-binned-factors",
            "10,000 of dSprites, 10 bins",
            0.998,
            own(mig.mig_binned_factors, some, bins=10),
            0.001,
            source=SEEN,
        ),
        scored(
            "mig-binned-factors-quantile",
            "all of dSprites",
            1,
            own(mig.mig_binned_factors_quantile, f),
        ),
        scored("mig-code-entropy", "half told alone", 1, lambda: mig.mig_code_entropy(half, whole)),
        scored("mig-code-entropy", "all, half", 0, lambda: mig.mig_code_entropy(both, whole)),
        scored(
            "mig-code-entropy-quantile",
            "all of dSprites",
            1,
            own(mig.mig_code_entropy_quantile, f),
        ),
    ]


def antipodal(mean: float, n: int = 2000) -> tuple[Codes, np.ndarray]:
    """Posteriors N(-+mean, 1) of a bit, and N(0, 1) whatever it is; codes, factor."""
    v = np.arange(n) % 2
    means = torch.from_numpy(np.stack([mean * (2.0 * v - 1), 0.0 * v], 1))
    return Codes(means, torch.ones_like(means)), v


def _posterior() -> list[Case]:
    f = torch.from_numpy(grid(8, 9))
    narrow = Codes(f.double(), torch.full(f.shape, 0.01))
    blocks = one_hot_codes(*f.T, sizes=[8, 9])

    def posterior(codes, factors, samples=1000):
        return lambda: mig.mig_posterior(codes, factors, generator(0), samples=samples)

    source = "quadrature; 4 standard errors"
    return [
        scored("mig-posterior", "narrow and perfect", 1, posterior(narrow, f)),
        scored("mig-posterior", "perfect categories", 1, posterior(blocks, f)),
        *(
            scored(
                "mig-posterior",
                f"N(-+{mean:g}, 1)",
                antipodal_information(mean) / math.log(2),
                posterior(*antipodal(mean), samples=2000),
                within,
                source=source,
            )
            for mean, within in ((0.5, 0.055), (1.0, 0.075), (2.0, 0.045))
        ),
    ]
