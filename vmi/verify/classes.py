"""Known answers of neighbours where there are classes, tails, ceilings and turns."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from scipy.special import digamma

from vmi.mi.cca import cca
from vmi.mi.neighbours import conditional_ksg, ksg, ksg2, ksg_euclidean, mixed_ksg
from vmi.random import generator
from vmi.tasks import load
from vmi.verify.case import Case
from vmi.verify.classical import NEAR, normal_information, normal_pairs
from vmi.verify.mig import antipodal_information

__all__ = ["cases", "mixture_information", "normal_classes"]

N = 10_000
FEW = 1000  # pairs, of what is exact
EXACT = 1e-9
OF_TWO = {"ksg-3": ksg, "ksg-euclidean-3": ksg_euclidean, "ksg2-3": ksg2, "mixed-ksg-3": mixed_ksg}


def normal_classes(n: int = N, classes: int = 10, columns: int = 6, seed: int = 0):
    """Draws labels (n,) and x (n, D), normal about a centre of each class; and the centres."""
    stream = np.random.default_rng(seed)
    centres = 1.5 * np.random.default_rng((seed, 1)).standard_normal((classes, columns))
    labels = stream.integers(classes, size=n)
    return labels, centres[labels] + stream.standard_normal((n, columns)), centres


def mixture_information(labels: np.ndarray, x: np.ndarray, centres: np.ndarray) -> float:
    """The mean of log p(x|c) / p(x) over draws of `normal_classes`."""
    logs = -((x[:, None] - centres) ** 2).sum(2) / 2
    own = logs[np.arange(len(x)), labels]
    return float((own - np.logaddexp.reduce(logs, 1)).mean() + math.log(len(centres)))


def cases() -> list[Case]:
    """Returns the known answers of this room."""
    return [*_labels(), *_given(), *_tails(), *_ceilings(), *_turns()]


def _near(name: str, title: str, truth: float, got: Callable, within: float, source="") -> Case:
    return Case(name, title, truth, got, within, within, source)


def _labels() -> Iterator[Case]:
    name, source = "mixed-ksg-3", "log p(x|c) / p(x), of the same draws"
    labels, x, centres = normal_classes()
    truth = mixture_information(labels, x, centres)
    forms = {
        "integers": labels,
        "other integers": np.array([3, 14, 15, 92, 65, 35, 89, 79, 32, 38])[labels],
        "floats": labels.astype(float),
        "one-hot floats": np.eye(10)[labels],
        "two columns": np.stack([labels // 5, labels % 5], 1),
    }
    for form, values in forms.items():
        title = f"ten normal classes in 6 columns, as {form}"
        yield _near(name, title, truth, lambda v=values: mixed_ksg(x, v).value, 0.05, source)
    for mean in (0.5, 1.5):
        truth, got = antipodal_information(mean), partial(_antipodal, mean)
        yield _near(name, f"two normal classes, means -+{mean}", truth, got, NEAR, "by quadrature")
    apart = lambda: mixed_ksg(3.0 * labels + 0.1 * x[:, 0], labels).value  # noqa: E731
    entropy = math.log(10)
    yield _near(name, "ten classes told whole", entropy, apart, 0.02, "ln K")


def _antipodal(mean: float) -> float:
    stream = np.random.default_rng(0)
    labels = stream.integers(2, size=N)
    return mixed_ksg(mean * (2 * labels - 1) + stream.standard_normal(N), labels).value


def _given() -> Iterator[Case]:
    name, stream = "conditional-ksg-3", np.random.default_rng(0)
    z, noise = stream.integers(100, size=N), stream.standard_normal((4, N))
    shift = 3 * stream.standard_normal(100)[z]
    free, bound = shift + 0.5 * noise[0], shift + 0.5 * noise[1]
    tied = 0.6 * noise[0] + 0.8 * noise[1]
    bit = stream.integers(2, size=N)
    told = 1.5 * (2 * bit - 1) + noise[2]
    other = stream.integers(2, size=N)
    of_bit = antipodal_information(1.5)
    cases = {
        "100 classes that bind x and y": ((free, bound, z), 0.0),
        "100 classes called by other numbers": ((free, bound, (37 * z) % 101), 0.0),
        "correlation .6 within 100 classes": ((free, tied, z), normal_information(0.6)),
        "ten one-hot classes": ((free - shift, tied, np.eye(10)[z % 10]), normal_information(0.6)),
        "a bit and its normal, given noise": ((bit, told, noise[3]), of_bit),
        "a normal and its bit, given a bit": ((told, bit, other), of_bit),
        "a bit and a normal, given its cause": ((bit, noise[3], told), 0.0),
        "exclusive or, all of bits": ((bit, other, bit ^ other), math.log(2)),
    }
    for title, (arrays, truth) in cases.items():
        yield _near(name, title, truth, lambda a=arrays: conditional_ksg(*a).value, NEAR)


def _tails() -> Iterator[Case]:
    truth, (x, y) = normal_information(0.8), normal_pairs(0.8, N)
    bends = {"exp(3x)": lambda v: np.exp(3 * v), "x cubed": lambda v: v**3, "cdf": _uniform}
    for name, estimator in OF_TWO.items():
        for title, bend in bends.items():
            got = lambda e=estimator, b=bend: e(b(x), b(y)).value  # noqa: E731
            yield _near(name, f"normal pair, rho 0.8, both to {title}", truth, got, NEAR)
        got = partial(_task, estimator, "student-1x1-dof-1")
        yield _near(name, "Cauchy pair", load("student-1x1-dof-1").information, got, NEAR)


def _uniform(values: np.ndarray) -> np.ndarray:
    return np.vectorize(math.erf)(values / math.sqrt(2))


def _task(estimator: Callable, name: str, n: int = N) -> float:
    return estimator(*load(name).sample(n, generator("verify", name))).value


def _ceilings() -> Iterator[Case]:
    x, _ = normal_pairs(0.0, FEW)
    for k in (3, 10):
        top, source = digamma(FEW) - digamma(k), "each neighbour is one in both margins"
        tops = {
            "ksg": (ksg, top),
            "ksg-euclidean": (ksg_euclidean, top),
            "ksg2": (ksg2, top - 1 / k),
            "mixed-ksg": (mixed_ksg, math.log(FEW) - digamma(k)),
        }
        for name, (estimator, truth) in tops.items():
            got = lambda e=estimator, k=k: e(x, np.exp(x), k=k).value  # noqa: E731
            title = "y is a function of x: the ceiling of the sample"
            yield _near(f"{name}-{k}", title, float(truth), got, EXACT, source)


def _turns() -> Iterator[Case]:
    """The direction of the spirals shows in what is linear of uniform margins."""
    got = partial(_task, cca, "spiral-normal-cdf-two-pair-3", 50_000)
    source = "the bmi package, its own spiral in 3 + 3 dimensions"
    yield _near("cca", "spiral of two uniform pairs", 0.846, got, 0.02, source)
