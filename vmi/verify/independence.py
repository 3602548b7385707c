"""Known answers of the tests of independence, and of the triples that they are held against."""

import math
from collections.abc import Iterator
from functools import partial
from itertools import permutations, product

import numpy as np
import torch
from scipy.stats import chi2, norm

from vmi.independence.calling import make
from vmi.independence.reordered import informations
from vmi.mi.cca import cca
from vmi.mi.discrete import conditional_plug_in
from vmi.mi.neighbours import conditional_ksg, ksg
from vmi.mi.orders import local_orders
from vmi.mi.permutation import p_value
from vmi.mi.spaces import Space, space
from vmi.random import generator
from vmi.tasks import TRIPLES
from vmi.verify.case import Case

__all__ = ["cases"]

N = 4000  # of triples whose information is estimated
NEAR = 0.05  # nats; some four standard errors there
REPEATS = 200  # of a null; the level has a standard error of 1.5 points
BAND = 4 * math.sqrt(0.05 * 0.95 / REPEATS)
SHARP = 1e-12


def cases() -> list[Case]:
    """Returns the known answers of this room."""
    return [*_truths(), *_exact(), *_statistics(), *_parametric(), *_levels(), *_powers()]


def _sample(task: str, n: int, seed: int = 0):
    return TRIPLES.make(task).sample(n, generator(task, n, seed))


# ---------------------------------------------------------------- the tasks


def _truths() -> Iterator[Case]:
    """What an estimator of another room says of the triples, given enough of them."""
    for rho in (0.4, 0.6, 0.8):
        truth = -math.log(1 - rho**2) / 2
        got = partial(_information, "direct-1", correlation=rho)
        source = "-.5 ln(1 - rho^2)"
        yield Case("direct-1", f"partial correlation {rho}", truth, got, NEAR, NEAR, source)
    for task in ("chain", "common-cause", "quadratic-common-cause", "heavy-common-cause"):
        got = partial(_information, task)
        yield Case(task, "independent given z", 0.0, got, NEAR, NEAR, "by construction")
    for task in ("collider", "sign", "heavy"):
        truth, got = TRIPLES.make(task).information, partial(_information, task)
        yield Case(task, "dependent given z", truth, got, NEAR, NEAR, "normal or Student, given z")
    for task in ("mixed-common-cause", "mixed"):
        truth, got = TRIPLES.make(task).information, partial(_information, task)
        yield Case(task, "x of two classes", truth, got, NEAR, NEAR, "a coin in Gaussian noise")
    for task in ("discrete-common-cause", "discrete"):
        truth, got = TRIPLES.make(task).information, partial(_counted, task)
        yield Case(task, "all of classes", truth, got, 0.01, 0.01, "a binary symmetric channel")
    unconditional = {"collider": 0.0, "discrete": 0.0, "common-cause": -math.log(1 - 0.25) / 2}
    for task, truth in unconditional.items():
        got = partial(_without_z, task)
        yield Case(task, "without z", truth, got, NEAR, NEAR, "by construction")
    yield Case("sign", "x and y, correlation", 0.0, _of_sign, 0.01, 0.01, "by symmetry")


def _information(task: str, **settings) -> float:
    made = TRIPLES.make(task, settings=settings)
    return conditional_ksg(*made.sample(N, generator(task, settings)), k=5).value


def _counted(task: str) -> float:
    return conditional_plug_in(*_sample(task, N)).value


def _without_z(task: str) -> float:
    x, y, _ = _sample(task, N)
    rng = np.random.default_rng(0)  # of classes, some noise makes amounts and tells nothing
    noise = 0.1 * rng.random((2, N, 1)) if x.dtype.kind == "i" else np.zeros((2, 1, 1))
    return ksg(x + noise[0], y + noise[1], k=5).value


def _of_sign() -> float:
    x, y, _ = _sample("sign", N)
    return cca(x, y).value


# ---------------------------------------------------------------- p-values by permutation


def _exact() -> Iterator[Case]:
    """All orders of a small sample, each of which is as likely as any other."""
    source = "a permutation test of all orders is exact (Fisher 1935)"
    rng = np.random.default_rng(0)
    x, y, z = rng.normal(size=(3, 5, 1))
    every = np.array(list(permutations(range(5))))
    about = {"truth": 0.0, "below": 0, "above": SHARP, "source": source}
    for title, given in (("", None), (", given z", z)):
        name = f"all 120 orders of 5 rows: P(p <= a) - a{title}"
        got = partial(_off_uniform, x, y, given, every)
        yield Case("cmi-knn-global", name, got=got, **about)
    threes = [list(permutations(group)) for group in ((0, 1, 2), (3, 4, 5))]
    every = np.array([[*first, *second] for first, second in product(*threes)])
    x, y = rng.normal(size=(2, 6, 1))
    classes = np.repeat([0, 1], 3)[:, None]
    got = partial(_off_uniform, x, y, Space([], classes[:, 0]), every)
    yield Case("cmi-knn", "all 36 orders within two classes: P(p <= a) - a", got=got, **about)
    yield Case("cmi-knn", "local orders of two classes: shares of the 36", got=_off_even, **about)
    yield Case("cmi-knn", "3 of 9 as large, B = 9", 0.4, _counted_p, SHARP, SHARP, "(1 + 3) / 10")


def _off_uniform(x, y, z, every: np.ndarray) -> float:
    """The largest difference of P(p <= a) and a, over the values a that p takes."""
    spaces = [Space([values]) for values in (x, y)]
    given = z if z is None or isinstance(z, Space) else Space([z])
    found = informations(*spaces, given, 1, every)
    rest = (np.delete(found, i) for i in range(len(found)))
    p = np.array([p_value(one, null) for one, null in zip(found, rest, strict=True)])
    return float(max(abs(np.mean(p <= a + SHARP) - a) for a in p))


def _off_even() -> float:
    """How many of the 36 orders within classes are missing of 2,000 drawn, or are none of them."""
    orders = local_orders(Space([], np.repeat([0, 1], 3)), 2000, generator("orders"))
    found = {tuple(order) for order in orders.tolist()}
    allowed = {(*a, *b) for a, b in product(permutations((0, 1, 2)), permutations((3, 4, 5)))}
    return float(len(found ^ allowed))


def _counted_p() -> float:
    return p_value(1.0, np.array([0.0] * 6 + [1.0, 1.0 + 1e-13, 2.0]))


# ---------------------------------------------------------------- statistics


def _statistics() -> Iterator[Case]:
    """The statistic is the estimate of `conditional-ksg`, whatever the order it is taken in."""
    source = "equal by definition"
    for task in ("direct-3", "heavy", "mixed", "mixed-common-cause", "discrete"):
        x, y, z = _sample(task, 300)
        truth = conditional_ksg(x, y, z, k=4).value
        got = partial(_statistic, "cmi-knn-4", x, y, z)
        yield Case("cmi-knn-4", f"{task}: conditional-ksg-4", truth, got, 1e-6, 1e-6, source)
    x, y, _ = _sample("direct-0", 300)
    truth = ksg(x, y, k=4).value
    got = partial(_statistic, "cmi-knn-4", x, y, None)
    yield Case("cmi-knn-4", "without z: ksg-4", truth, got, 1e-6, 1e-6, source)
    x, y, z = _sample("direct-3", 300)
    order = np.random.default_rng(0).permutation(300)
    truth = conditional_ksg(x[order], y, z, k=30).value
    got = partial(_reordered, x, y, z, order)
    yield Case("cmi-knn-30", "x reordered: conditional-ksg-30", truth, got, 1e-6, 1e-6, source)
    for monotone in (np.exp, np.arctan):
        truth = _statistic("cmi-knn", x, y, z, margins="ranks")
        got = partial(_statistic, "cmi-knn", monotone(x), y, z, margins="ranks")
        title = f"ranks through {monotone.__name__}"
        yield Case("cmi-knn", title, truth, got, SHARP, SHARP, "ranks do not change")


def _statistic(name: str, x, y, z, **settings) -> float:
    return make(name, {"permutations": 1, **settings})(x, y, z, generator("one")).statistic


def _reordered(x, y, z, order: np.ndarray) -> float:
    return float(informations(*(space(a, "normal") for a in (x, y, z)), 30, order[None])[0])


def _parametric() -> Iterator[Case]:
    source = "by hand"
    draws = np.random.default_rng(0).normal(size=(50, 4))
    base = np.linalg.qr(np.hstack([np.ones((50, 1)), draws]))[0][:, 1:]  # orthogonal, of mean 0
    u, v, z = base[:, :1], base[:, 1:2], base[:, 2:]
    for rho in (0.0, 0.3, -0.6):
        x, y = z[:, :1] + u, z[:, 1:] + rho * u + math.sqrt(1 - rho**2) * v
        p = 2 * norm.sf(math.sqrt(50 - 5) * math.atanh(abs(rho)))
        got = partial(_p, "fisher-z", x, y, z)
        yield Case("fisher-z", f"partial correlation {rho}", p, got, 1e-9, 1e-9, source)
        truth, got = -math.log(1 - rho**2) / 2, partial(_strength, "fisher-z", x, y, z)
        title = f"partial correlation {rho}, information"
        yield Case("fisher-z", title, truth, got, 1e-9, 1e-9, source)
    table = np.array([[30, 10, 20], [12, 25, 23]])
    x, y = (np.repeat(side, table.ravel()) for side in np.indices(table.shape).reshape(2, -1))
    even = np.outer(table.sum(1), table.sum(0)) / table.sum()
    g = 2 * float((table * np.log(table / even)).sum())
    for title, given, times in (("", None, 1), (", twice, given which", np.arange(2), 2)):
        rows = np.tile(x, times), np.tile(y, times)
        z = None if given is None else np.repeat(given, len(x))
        truth, got = float(chi2.sf(times * g, 2 * times)), partial(_p, "g-test", *rows, z)
        yield Case("g-test", f"a 2 x 3 table{title}", truth, got, 1e-9, 1e-9, source)


def _p(name: str, x, y, z) -> float:
    return make(name)(x, y, z, generator("one")).p


def _strength(name: str, x, y, z) -> float:
    return make(name)(x, y, z, generator("one")).statistic


# ---------------------------------------------------------------- level and power


def _levels() -> Iterator[Case]:
    """The share of 200 nulls that is rejected at .05, which has a standard error of 1.5 points."""
    source = "four standard errors of a share of 200"
    for name, tasks in {
        "cmi-knn": ("independent", "common-cause", "discrete-common-cause", "mixed-common-cause"),
        "fisher-z": ("independent", "common-cause", "chain"),
        "g-test": ("discrete-common-cause",),
        "cmi-knn-global": ("independent",),
    }.items():
        for task in tasks:
            got = partial(_share, name, task, 60)
            yield Case(name, f"level, {task}, N = 60", 0.05, got, BAND, BAND, source)
    got = partial(_share, "cmi-knn-global", "quadratic-common-cause", 100, 40)
    where, why = "level, quadratic-common-cause, N = 100: far above .05", "x depends on z"
    yield Case("cmi-knn-global", where, 1.0, got, 0.5, 0.0, why)


def _powers() -> Iterator[Case]:
    source = "dependent given z: each draw is to be seen"
    for name, tasks in {
        "cmi-knn": ("sign", "direct-1", "mixed"),
        "fisher-z": ("direct-1", "collider"),
        "g-test": ("discrete",),
    }.items():
        for task in tasks:
            got = partial(_share, name, task, 300, 20)
            yield Case(name, f"power, {task}, N = 300", 1.0, got, 0.15, 0.0, source)
    got = partial(_share, "fisher-z", "sign", 300)
    yield Case("fisher-z", "sign is invisible, N = 300", 0.05, got, 0.05, 0.15, "no correlation")


def _share(name: str, task: str, n: int, repeats: int = REPEATS) -> float:
    # .05 is (1 + 1) / 40; ranks are quicker
    permuted = {"permutations": 39, "margins": "ranks"} if name.startswith("cmi") else {}
    test, noise = make(name, permuted), torch.Generator().manual_seed(0)
    made = [test(*_sample(task, n, seed), noise) for seed in range(repeats)]
    return float(np.mean([outcome.p <= 0.05 for outcome in made]))
