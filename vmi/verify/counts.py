"""Known answers of the metrics that count: the gaps, modularity, IRS and InfoMEC."""

import math
from collections.abc import Callable
from functools import cache, partial

import numpy as np
import torch

from vmi.estimate import Estimate
from vmi.metrics import bins, counts, gaps, infomec, irs, mig, modularity
from vmi.nets.codes import Codes
from vmi.random import generator
from vmi.verify.case import Case
from vmi.verify.parts import listed, value
from vmi.verify.worlds import one_hot_codes

__all__ = [
    "DSPRITES",
    "ORIENTATION",
    "POSITION",
    "antipodal_information",
    "cases",
    "draw",
    "grid",
    "value",
]

DSPRITES = (3, 6, 40, 32, 32)  # shape, scale, orientation, x, y
LIBRARY = "disentanglement_lib, evaluation/metrics, its own test"
SEEN = "computed once from the published definition"
EXACT = 1e-12  # of exact arithmetic
# The 40 orientations fall in pairs; 12 of 20 bins hold two of the 32 positions.
ORIENTATION = math.log(20) / math.log(40)
POSITION = 1 - 12 * 2 / 32 * math.log(2) / math.log(32)
PARTS = ("modularity", "explicitness", "compactness")  # of InfoMEC
GRID_CEILING = (2 + ORIENTATION + 2 * POSITION) / 5  # .9024


def grid(*sizes: int) -> np.ndarray:
    """Every combination of the factors' values, (N, F)."""
    return np.indices(sizes).reshape(len(sizes), -1).T


def draw(n: int, *sizes: int, seed: int = 0) -> np.ndarray:
    """Factors of n random images, (n, F), the same each time."""
    stream = np.random.default_rng(seed)
    return np.stack([stream.integers(k, size=n) for k in sizes], 1)


def antipodal_information(mean: float) -> float:
    """I(v; z) of an even v = -1 or 1 and z ~ N(mean v, 1), in nats, by quadrature."""
    z = np.linspace(-mean - 12, mean + 12, 20_001)
    density = np.exp(-((z - mean) ** 2) / 2) / math.sqrt(2 * math.pi)
    told = math.log(2) - np.logaddexp(0, -2 * mean * z)
    return float((density * told).sum() * (z[1] - z[0]))


def cases() -> list[Case]:
    """Returns the known answers of the metrics that count."""
    return [
        *_mig(),
        *_mig_forms(),
        *_mig_posterior(),
        *_ceilings(),
        *_extremes(),
        *_gaps(),
        *_modularity(),
        *_irs(),
        *_infomec(),
    ]


def _case(
    instrument: str,
    name: str,
    truth: float,
    got: Callable[[], Estimate | list[Estimate]],
    within: float = EXACT,
    *,
    part: str = "",
    source: str = "by hand",
) -> Case:
    named = f"{name}, {part}" if part else name
    return Case(instrument, named, truth, lambda: value(got(), part), within, within, source)


def _own(metric: Callable, factors: np.ndarray, *more, **settings) -> Callable:
    """The factors scored as a code."""
    return lambda: metric(factors.astype(float), factors, *more, **settings)


# ---------------------------------------------------------------- mutual information gap


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
        _case("mig", "all of dSprites, 20 bins", GRID_CEILING, _own(mig.mig, f)),
        _case("mig", "all of dSprites, 40 bins", 1, _own(mig.mig, f, bins=40)),
        _case(
            "mig",
            "10,000 of dSprites",
            0.895,
            _own(mig.mig, draw(10_000, *DSPRITES)),
            0.002,
            source=SEEN,
        ),
        _case("mig", "the factors themselves", 0.95, _own(mig.mig, few), 0.05, source=LIBRARY),
        _case("mig", "a constant code", 0, lambda: mig.mig(0.0 * few, few), source=LIBRARY),
        _case("mig", "all twice", 0, lambda: mig.mig(np.tile(few, 2), few), source=LIBRARY),
        _case("mig", "all told, half told", 0.5, lambda: mig.mig(half, np.arange(8) % 4)),
        _case("mig", "the XOR of two bits", 0, lambda: mig.mig(np.stack([xor, 0 * xor], 1), bits)),
        _case("mig", "dSprites, an outlier", 0.40, lambda: mig.mig(*_far()), 0.02, source=SEEN),
        _case("mig", "an outlier at 25 sd", told_with_outlier(10), lambda: mig.mig(*far), 2e-3),
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


def _mig_forms() -> list[Case]:
    f, some, far = grid(*DSPRITES), draw(10_000, *DSPRITES), outlier(10)
    bent = np.exp(f / 4.0)
    whole = np.arange(8) % 4
    half = np.stack([whole // 2, 0 * whole], 1)
    both = np.stack([whole, whole // 2], 1)
    return [
        _case("mig-quantile", "all of dSprites", GRID_CEILING, _own(mig.mig_quantile, f)),
        _case("mig-quantile", "bent", GRID_CEILING, lambda: mig.mig_quantile(bent, f)),
        _case("mig-quantile", "an outlier at 25 sd", 1, lambda: mig.mig_quantile(*far), 2e-3),
        _case("mig-binned-factors", "all of dSprites", 1, _own(mig.mig_binned_factors, f)),
        _case(
            "mig-binned-factors",
            "10,000 of dSprites, 20 bins",
            0.995,
            _own(mig.mig_binned_factors, some),
            0.001,
            source=SEEN,
        ),
        _case(
            "mig-binned-factors",
            "10,000 of dSprites, 10 bins",
            0.998,
            _own(mig.mig_binned_factors, some, bins=10),
            0.001,
            source=SEEN,
        ),
        _case(
            "mig-binned-factors-quantile",
            "all of dSprites",
            1,
            _own(mig.mig_binned_factors_quantile, f),
        ),
        _case("mig-code-entropy", "half told alone", 1, lambda: mig.mig_code_entropy(half, whole)),
        _case("mig-code-entropy", "all, half", 0, lambda: mig.mig_code_entropy(both, whole)),
        _case(
            "mig-code-entropy-quantile",
            "all of dSprites",
            1,
            _own(mig.mig_code_entropy_quantile, f),
        ),
    ]


def antipodal(mean: float, n: int = 2000) -> tuple[Codes, np.ndarray]:
    """Posteriors N(-+mean, 1) of a bit, and N(0, 1) whatever it is; codes, factor."""
    v = np.arange(n) % 2
    means = torch.from_numpy(np.stack([mean * (2.0 * v - 1), 0.0 * v], 1))
    return Codes(means, torch.ones_like(means)), v


def _mig_posterior() -> list[Case]:
    f = torch.from_numpy(grid(8, 9))
    narrow = Codes(f.double(), torch.full(f.shape, 0.01))
    blocks = one_hot_codes(*f.T, sizes=[8, 9])

    def posterior(codes, factors, samples=1000):
        return lambda: mig.mig_posterior(codes, factors, generator(0), samples=samples)

    source = "quadrature; 4 standard errors"
    return [
        _case("mig-posterior", "narrow and perfect", 1, posterior(narrow, f)),
        _case("mig-posterior", "perfect categories", 1, posterior(blocks, f)),
        *(
            _case(
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


# ---------------------------------------------------------------- ceilings, units


def skewed() -> np.ndarray:
    """A factor of 40 values, 19 of a twentieth each and 21 of another, and one of 3; (N, 2)."""
    common, rare = np.repeat(np.arange(19), 21), np.arange(19, 40)
    return np.stack([np.tile(np.r_[common, rare], 3), np.repeat(np.arange(3), 420)], 1)


def together() -> np.ndarray:
    """Two bits that agree in three images of four, (N, 2)."""
    return np.array([[0, 0]] * 3 + [[1, 1]] * 3 + [[0, 1], [1, 0]])


def _ceiling(metric: Callable, codes: np.ndarray, factors: np.ndarray) -> Callable[[], float]:
    return lambda: listed(metric(codes, factors))[0].ceiling


def _ceilings() -> list[Case]:
    """What no code passes: the most that 20 values tell, and 1 of factors that go together."""
    f, d, agreed = skewed(), grid(*DSPRITES), together()
    # One group for the rare values and one for each common one are 20 of a twentieth each.
    rare = math.log(20) / (math.log(20) + math.log(21) / 20)
    told, three, lost = rare, math.log(3), math.log(21) / 20
    whole = math.log(20) + lost
    pooled = np.stack([np.minimum(f[:, 0], 19), f[:, 1]], 1).astype(float)
    position = math.log(20) / math.log(32)
    entangled = np.stack([agreed @ [1, 2], 0 * agreed[:, 0]], 1).astype(float)
    shared = math.log(2) + 0.75 * math.log(0.75) + 0.25 * math.log(0.25)
    own = 1 - shared / math.log(2)
    alone = np.stack([agreed[:, 0], 0 * agreed[:, 0]], 1).astype(float)
    summed = (math.log(20) + three) / (whole + three)
    joint = (1 - lost / (whole + math.log(20)) + 1) / 2
    cases = []
    for name, metric, most in (
        ("mig", mig.mig, (told + 1) / 2),
        ("mig-quantile", mig.mig_quantile, (told + 1) / 2),
        ("mig-sup", gaps.mig_sup, 1.0),
        ("dcimig", gaps.dcimig, summed),
        ("jemmig", gaps.jemmig, joint),
    ):
        cases.append(
            _number(name, "ceiling of a skewed factor", most, _ceiling(metric, 1.0 * f, f))
        )
    return [
        *cases,
        _case(
            "mig",
            "a skewed factor, the rare values as one",
            (told + 1) / 2,
            lambda: mig.mig(pooled, f),
        ),
        _case(
            "dcimig",
            "a skewed factor, the rare values as one",
            summed,
            lambda: gaps.dcimig(pooled, f),
        ),
        _case(
            "jemmig",
            "a skewed factor, the rare values as one",
            joint,
            lambda: gaps.jemmig(pooled, f),
        ),
        _number(
            "mig",
            "ceiling of dSprites, 20 bins",
            (2 + ORIENTATION + 2 * position) / 5,
            _ceiling(mig.mig, d * 1.0, d),
        ),
        _number(
            "mig", "ceiling of bits that go together", 1, _ceiling(mig.mig, 1.0 * agreed, agreed)
        ),
        _case("mig", "bits that go together, both in one", 1, lambda: mig.mig(entangled, agreed)),
        _case("mig", "bits that go together, themselves", own, _own(mig.mig, agreed)),
        _case(
            "mig",
            "bits that go together, the first alone",
            (1 + shared / math.log(2)) / 2,
            lambda: mig.mig(alone, agreed),
        ),
        _case("mig-sup", "bits that go together, themselves", own, _own(gaps.mig_sup, agreed)),
        _case(
            "mig-sup-code-entropy",
            "the factors themselves",
            1,
            _own(gaps.mig_sup_code_entropy, grid(4, 5, 6)),
        ),
        _case(
            "mig-sup-code-entropy",
            "half of a factor",
            1,
            lambda: gaps.mig_sup_code_entropy(1.0 * (grid(4, 4) // [1, 2]), grid(4, 4)),
        ),
    ]


def _number(instrument: str, name: str, truth: float, got: Callable[[], float]) -> Case:
    return Case(instrument, name, truth, got, EXACT, EXACT, "by hand")


def _extremes() -> list[Case]:
    """Bins that no unit and no origin empties."""
    f = grid(4, 5)
    steps = {
        "from 1 in units in the last place": lambda v: 1.0 + v * np.finfo(float).eps,
        "in denormal numbers": lambda v: 5e-324 * v,
        "up to 1e308": lambda v: 4e307 * v - 8e307,
        "from 1e15": lambda v: 1e15 + v,
    }
    scores = {
        "mig": mig.mig,
        "mig-sup": gaps.mig_sup,
        "modularity": modularity.modularity,
        "dcimig": gaps.dcimig,
    }
    return [
        _case(name, f"the factors {how}", 1, lambda m=metric, to=to: m(to(f), f))
        for name, metric in scores.items()
        for how, to in steps.items()
    ]


# ---------------------------------------------------------------- other gaps


def _gaps() -> list[Case]:
    f, d = grid(4, 5, 6), grid(*DSPRITES)
    twice, none = np.tile(f, 2), np.zeros((120, 2))
    square = grid(4, 4)
    joint = square @ [[1], [4]]
    half = np.stack([square[:, 0], square[:, 1] // 2], 1)
    entropy, most = np.log([4, 5, 6]), np.log([4, 5, 6]) + math.log(20)
    lost = math.log(2) * np.array([0, 0, 1, 0.75, 0.75])
    floor = float(np.mean(1 - lost / (np.log(DSPRITES) + math.log(20))))
    return [
        _case("mig-sup", "the factors themselves", 1, _own(gaps.mig_sup, f)),
        _case("mig-sup", "all of dSprites", GRID_CEILING, _own(gaps.mig_sup, d)),
        _case("mig-sup", "all twice", 1, lambda: gaps.mig_sup(twice, f)),
        _case("mig-sup", "both factors in one", 0, lambda: gaps.mig_sup(joint, square)),
        _case("mig-sup", "half of a factor", 0.75, lambda: gaps.mig_sup(half, square)),
        _case("jemmig", "the factors themselves", 1, _own(gaps.jemmig, f)),
        _case("jemmig", "the factors themselves", 0, _own(gaps.jemmig, f), part="raw"),
        _case("jemmig", "all of dSprites", floor, _own(gaps.jemmig, d)),
        _case(
            "jemmig",
            "a constant code",
            float(np.mean(math.log(20) / most)),
            lambda: gaps.jemmig(none, f),
        ),
        _case("jemmig", "all twice", entropy.mean(), lambda: gaps.jemmig(twice, f), part="raw"),
        _case("dcimig", "the factors themselves", 1, _own(gaps.dcimig, f)),
        _case("dcimig", "all twice", 1, lambda: gaps.dcimig(twice, f)),
        _case("dcimig", "both factors in one", 0, lambda: gaps.dcimig(joint, square)),
        _case("dcimig", "half of a factor", 0.75, lambda: gaps.dcimig(half, square)),
    ]


def _modularity() -> list[Case]:
    f, square, unequal = grid(4, 5, 6), grid(4, 4), grid(2, 4)
    bits = grid(2, 2)
    xor = bits.sum(1)[:, None] % 2
    joint, mixed = square @ [[1], [4]], unequal @ [[1], [2]]
    silent = np.concatenate([f, 0 * f[:, :1]], 1)
    score = modularity.modularity
    return [
        _case("modularity", "the factors themselves", 1, _own(score, f), source=LIBRARY),
        _case("modularity", "all twice", 1, lambda: score(np.tile(f, 2), f), source=LIBRARY),
        _case("modularity", "both factors in one", 0, lambda: score(joint, square)),
        _case("modularity", "ln 2 of one, ln 4 of another", 0.75, lambda: score(mixed, unequal)),
        _case("modularity", "the XOR of two bits", 0, lambda: score(xor, bits)),
        _case("modularity", "one silent dimension of 4", 0.75, lambda: score(silent, f)),
        _case(
            "modularity", "one silent dimension", 1, lambda: score(silent, f), part="informative"
        ),
    ]


def _irs() -> list[Case]:
    f, bits = draw(3000, *[10] * 5), grid(2, 2)
    noise = np.random.default_rng(0).normal(size=(10_000, 5))
    far, some = noise.copy(), draw(10_000, *DSPRITES)
    far[0] = 25
    quantile = 2.5758293035489  # .995 of a standard normal
    return [
        _case("irs", "the factors themselves", 1, _own(irs.irs, f), source=LIBRARY),
        _case("irs", "a constant code", 0, lambda: irs.irs(0.0 * f, f), source=LIBRARY),
        _case("irs", "the sum of two bits", 0.5, lambda: irs.irs(bits.sum(1), bits, quantile=1)),
        _case("irs", "noise", 0, lambda: irs.irs(noise, some), 0.02, part="matched"),
        _case("irs", "noise, an outlier", 1 - quantile / 25, lambda: irs.irs(far, some), 0.01),
    ]


def channel(flip: int, n: int = 4000) -> tuple[Codes, np.ndarray]:
    """Two bits, each told by a bit that is flipped for `flip` of each 10 images; codes, factors."""
    cells = np.tile(grid(2, 2, 10, 10), (n // 400, 1))
    seen = cells[:, :2] ^ (cells[:, 2:] < flip)
    return one_hot_codes(*torch.from_numpy(seen).T, sizes=[2, 2]), cells[:, :2]


def _infomec() -> list[Case]:
    f = draw(3000, 3, 4, 5)
    blocks = one_hot_codes(*torch.from_numpy(grid(3, 4, 5)).T, sizes=[3, 4, 5])
    flip = 1
    p = flip / 10
    told = 1 + (p * math.log(p) + (1 - p) * math.log(1 - p)) / math.log(2)

    def score(codes, factors):
        return cache(lambda: infomec.infomec(codes, factors, generator(0)))  # once for all parts

    certain, own = score(blocks, grid(3, 4, 5)), score(f * 1.0, f)
    made = []
    for part in PARTS:
        made += [
            _case("infomec", "perfect categories", 1, certain, 1e-3, part=part),
            _case("infomec", "the factors themselves", 1, own, 0.02, part=part),
        ]
    twice, noisy = score(np.tile(f, 2), f), score(*channel(flip))
    constant = score(0.0 * f, f)
    return [
        *made,
        _case("infomec", "all twice", 0.4, twice, 0.01, part="compactness"),
        _case("infomec", "a channel of 2 bits", told, noisy, 1e-4, part="explicitness"),
        _case("infomec", "a channel of 2 bits", 1, noisy, part="modularity"),
        *(_case("infomec", "a constant code", 0, constant, part=part) for part in ("", *PARTS)),
    ]
