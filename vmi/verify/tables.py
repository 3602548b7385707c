"""Known answers of the estimators that count and allow for what they have not seen."""

import math
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from vmi.mi.discrete import chao_shen, conditional_plug_in, james_stein, nsb, plug_in
from vmi.mi.entropies import chao_shen_entropy, james_stein_shares, nsb_entropy
from vmi.verify.case import Case
from vmi.verify.classical import channel_table, of_table, table_information

__all__ = ["cases"]

SHARP = 1e-9  # of arithmetic
REMEDIES = {"chao-shen": chao_shen, "nsb": nsb, "james-stein": james_stein}
DRAWS = 40  # of shares, over which a posterior mean is unbiased

CHAO_SHEN = "Chao & Shen (2003), equation 8, term by term"
NSB = "Nemenman, Shafee & Bialek (2002)"
JAMES_STEIN = "Hausser & Strimmer (2009), equations 4 and 6, by hand"


def cases() -> list[Case]:
    """Returns the known answers of this room."""
    return [*_chao_shen(), *_nsb(), *_james_stein(), *_tables(), *_conditional()]


def _near(name: str, title: str, truth: float, got: Callable, within: float, source: str) -> Case:
    return Case(name, title, truth, got, within, within, source)


def _chao_shen() -> Iterator[Case]:
    """Of counts that are given: C = 1 - f_1 / N, and the shares times C."""
    tables = {
        (1, 1, 2): [1 / 8, 1 / 8, 1 / 4],
        (3, 2): [3 / 5, 2 / 5],
        (1, 1): [1 / 4, 1 / 4],  # at most N - 1 are counted as single, or nothing is covered
        (1, 4, 5): [0.09, 0.36, 0.45],
        (6, 1, 1, 2): [0.48, 0.08, 0.08, 0.16],
    }
    for counts, shares in tables.items():
        n = sum(counts)
        truth = math.fsum(-p * math.log(p) / (1 - (1 - p) ** n) for p in shares)
        got = partial(chao_shen_entropy, np.array(counts))
        yield _near("chao-shen", f"entropy of the counts {counts}", truth, got, SHARP, CHAO_SHEN)


def _nsb() -> Iterator[Case]:
    for k in (2, 10, 1000):
        got = partial(nsb_entropy, np.zeros(k, int), k)
        title = f"entropy of {k} values, none seen: its prior is even up to ln K"
        yield _near("nsb", title, math.log(k) / 2, got, 1e-3, NSB)
    for k, n, within in ((1000, 1000, 0.1), (1000, 300, 0.3), (10, 10_000, 0.01)):
        counts = np.random.default_rng(0).multinomial(n, np.full(k, 1 / k))
        got, title = partial(nsb_entropy, counts, k), f"entropy of {k} even values, {n} draws"
        yield _near("nsb", title, math.log(k), got, within, "ln K")
    for concentration in (0.02, 0.2, 1.0, 5.0):
        title = f"entropies of 100 Dirichlet({concentration}) shares, 100 draws: mean error"
        yield _near("nsb", title, 0.0, partial(_dirichlet, concentration), 0.12, NSB)


def _dirichlet(concentration: float, k: int = 100, n: int = 100) -> float:
    """The mean over draws of the error of the entropy."""
    stream = np.random.default_rng(0)
    errors = []
    for shares in stream.dirichlet(np.full(k, concentration), DRAWS):
        positive = shares[shares > 0]
        truth = -(positive * np.log(positive)).sum()
        errors.append(nsb_entropy(stream.multinomial(n, shares), k) - truth)
    return float(np.mean(errors))


def _james_stein() -> Iterator[Case]:
    """1 - sum p^2 over (N - 1) sum (1/K - p)^2, at most 1."""
    shrunk = {
        (4, 0): (0.0, 1.0),
        (3, 1): (1.0, 0.75),
        (7, 3): (0.42 / 0.72, 0.7),
        (70, 30): (0.42 / (99 * 0.08), 0.7),
    }
    for counts, (shrink, share) in shrunk.items():
        truth = shrink / 2 + (1 - shrink) * share
        got = partial(_first_share, counts)
        yield _near("james-stein", f"first share of {counts}", truth, got, SHARP, JAMES_STEIN)
    for counts, shrink in (((3, 1), 1.0), ((30, 10), 0.6875 / (79 * 0.0625))):
        table = np.array([counts, counts[::-1]])
        shares = shrink / 4 + (1 - shrink) * table / table.sum()
        got, title = partial(_of_table, james_stein, table), f"the table of {counts} and its mirror"
        yield _near("james-stein", title, table_information(shares), got, SHARP, JAMES_STEIN)


def _first_share(counts: tuple[int, ...]) -> float:
    return float(james_stein_shares(np.array(counts))[0])


def _of_table(estimator: Callable, table: np.ndarray) -> float:
    return estimator(*of_table(table)).value


def _tables() -> Iterator[Case]:
    for name, estimator in REMEDIES.items():
        for flip in (0.0, 0.1, 0.5):
            table = channel_table(flip, 20_000)
            got, truth = partial(_of_table, estimator, table), table_information(table)
            title = f"binary symmetric channel, flip {flip}"
            yield _near(name, title, truth, got, 2e-3, "arithmetic, of many counts")
        got = partial(_independent, estimator, 30, 600)
        yield _near(name, "independent, 30 x 30 values, 600 pairs", 0.0, got, 0.12, "independence")
    got = partial(_independent, nsb, 100, 1000)
    yield _near("nsb", "independent, 100 x 100 values, 1000 pairs", 0.0, got, 0.1, "independence")


def _independent(estimator: Callable, values: int, n: int) -> float:
    return estimator(*np.random.default_rng(0).integers(values, size=(2, n))).value


def _conditional() -> Iterator[Case]:
    grid = np.indices((2, 3, 4)).reshape(3, -1)
    a, b, c = np.repeat(grid, 5, axis=1)
    bits = np.indices((2, 2)).reshape(2, -1)
    given = {
        "independent": ((a, b, c), 0.0),
        "exclusive or": ((*bits, bits[0] ^ bits[1]), math.log(2)),
        "a chain x, z, y of copies": ((b, b, b), 0.0),
        "a common cause": ((b % 2, b, b), 0.0),
        "copies of what z does not tell": ((b, b, c), math.log(3)),
        "half of four values told": ((c, c, c // 2), math.log(2)),
    }
    for title, (arrays, truth) in given.items():
        got = partial(_given, *arrays)
        yield _near("conditional-plug-in", title, truth, got, SHARP, "arithmetic of even tables")
    x, y = of_table(np.array([[5, 0, 1, 9], [2, 7, 0, 3], [4, 4, 4, 8]]))
    truth, got = plug_in(x, y).value, partial(_given, x, y, np.zeros_like(x))
    yield _near("conditional-plug-in", "a constant z", truth, got, SHARP, "the plug-in value")


def _given(*arrays: np.ndarray) -> float:
    return conditional_plug_in(*arrays).value
