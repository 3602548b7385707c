"""Known answers of the learners of Markov networks, and of the graphs they are held against."""

from collections.abc import Iterator
from functools import cache, partial

import numpy as np
import torch
from scipy.sparse.csgraph import shortest_path

from vmi.estimate import Estimate
from vmi.independence.calling import Test
from vmi.independence.outcome import Outcome
from vmi.learners.blankets import Grow, learn
from vmi.learners.bridge import network
from vmi.learners.gaussian import graphical_lasso, neighbourhoods, nonparanormal
from vmi.learners.grow_shrink import in_turn
from vmi.learners.iamb import iamb, most_associated
from vmi.learners.learned import Learned
from vmi.learners.scoring import scores
from vmi.random import generator
from vmi.tasks import GRAPHS
from vmi.tasks.g_wishart import draw_g_wishart, mean_of_decomposable
from vmi.tasks.graphs import CAUSES, joined
from vmi.verify.case import Case

__all__ = ["cases"]

SHARP = 1e-9
NAMES = ("chain", "star", "grid", "random", "linear", "g-wishart")
GROWS: dict[str, Grow] = {"iamb": most_associated, "grow-shrink": in_turn}
DRAWS = 3000  # of a precision


def cases() -> list[Case]:
    """Returns the known answers of this room."""
    return [*_oracles(), *_graphs(), *_of_samples(), *_scores(), *_bridges(), *_precisions()]


# ---------------------------------------------------------------- learners with an oracle


def oracle(graph: np.ndarray) -> Test:
    """Returns the test that knows a graph: x and y are dependent unless z parts them.

    The columns that it is given hold their own numbers. The statistic falls with the distance in
    what z leaves of the graph.
    """

    def test(x, y, z, generator) -> Outcome:
        left = graph.astype(float)
        for node in [] if z is None else z[0].astype(int):
            left[node] = left[:, node] = 0
        steps = shortest_path(left, unweighted=True)[int(x[0, 0]), int(y[0, 0])]
        p = 1.0 if np.isinf(steps) else 0.001
        return Outcome(p, 0.0 if np.isinf(steps) else 1 / steps, len(x))

    return test


def _oracles() -> Iterator[Case]:
    source = "a blanket is the neighbours, where a graph tells all independences (Pearl 1988)"
    for learner, grow in GROWS.items():
        for name in NAMES:
            for rule in ("and", "or"):
                got = partial(_missed, GRAPHS.make(name).graph, grow, rule)
                title = f"{name} by an oracle, {rule}: Hamming distance"
                yield Case(learner, title, 0.0, got, 0, 0, source)


def _missed(graph: np.ndarray, grow: Grow, rule: str) -> float:
    x = np.tile(np.arange(len(graph)), (2, 1))
    learned = learn(x, generator(rule), grow, oracle(graph), 0.05, rule)
    return scores(learned, graph)["hamming"].value


# ---------------------------------------------------------------- graphs and their samples


def _graphs() -> Iterator[Case]:
    """Of linear mechanisms the precision is known: (I - B)' (I - B) / noise, parted by node."""
    graph = GRAPHS.make("linear").graph
    got = partial(_off_the_precision, graph)
    title = "moral graph and the precision's zeros: pairs that differ"
    yield Case("linear", title, 0.0, got, 0, 0, "Lauritzen (1996), section 3.2.2")
    counts = {"chain-5": 4, "star-6": 5, "grid-4": 24}
    for name, edges in counts.items():
        got = partial(_edges, name)
        yield Case(name, "edges", edges, got, 0, 0, "by hand")
    for name in ("chain", "star", "grid"):
        got = partial(_information_of_neighbours, name)
        task = GRAPHS.make(name)
        truth = float(task.information.max())
        source = "-.5 ln(1 - rho^2), of a sample's precision"
        yield Case(name, "I(x_i; x_j | others) of neighbours", truth, got, 0.01, 0.01, source)


def _off_the_precision(graph: np.ndarray) -> float:
    b = np.zeros((7, 7))
    for node, causes in CAUSES.items():
        b[node, list(causes)] = 0.8
    noise = np.diag([1.0] + [1 / 0.6**2] * 6)
    precision = (np.eye(7) - b).T @ noise @ (np.eye(7) - b)
    return float(np.triu((np.abs(precision) > SHARP) != graph, 1).sum())


def _edges(name: str) -> float:
    return GRAPHS.make(name).truths["edges"]


def _information_of_neighbours(name: str) -> float:
    task = GRAPHS.make(name)
    precision = np.linalg.inv(np.cov(task.sample(20_000, generator(name)).T))
    scale = np.sqrt(precision.diagonal())
    partial_ = (precision / np.outer(scale, scale))[task.graph]
    return float(np.mean(-np.log1p(-(partial_**2)) / 2))


def _of_samples() -> Iterator[Case]:
    """Enough rows, and the right learner: the graph itself."""
    source = "consistent, as rows grow"
    learners = {
        "iamb": partial(iamb, alpha=0.001, test="fisher-z"),
        "neighbourhoods": lambda x, _: neighbourhoods(x, alpha=0.05),
    }
    for learner, learned in learners.items():
        for name in ("chain", "star", "grid"):
            got = partial(_hamming, name, learned)
            title = f"{name}, 5,000 rows: Hamming distance"
            yield Case(learner, title, 0.0, got, 0, 1, source)
    for learner, learned in (
        ("graphical-lasso", graphical_lasso),
        ("nonparanormal", nonparanormal),
    ):
        got = partial(_area, "chain", learned)
        yield Case(learner, "chain, 2,000 rows: AUC", 1.0, got, 0.02, 0.0, source)


def _hamming(name: str, learner) -> float:
    task = GRAPHS.make(name)
    made = learner(task.sample(5000, generator(name)), generator("l"))
    return scores(made, task.graph)["hamming"].value


def _area(name: str, learner) -> float:
    task = GRAPHS.make(name)
    made = learner(task.sample(2000, generator(name)), generator("l"))
    return scores(made, task.graph)["auc"].value


# ---------------------------------------------------------------- scores


def _scores() -> Iterator[Case]:
    """Of four nodes, 0-1 and 1-2 are true; 0-1 and 2-3 are found, and weighted .9 and .5."""
    true, found = joined(4, [(0, 1), (1, 2)]), joined(4, [(0, 1), (2, 3)])
    weights = np.zeros((4, 4))
    for (i, j), weight in {(0, 1): 0.9, (2, 3): 0.5, (1, 2): 0.3, (0, 2): 0.3}.items():
        weights[i, j] = weights[j, i] = weight
    made = scores(Learned(found, weights), true)
    # Of 2 x 4 pairs of a true and a false edge 6 are in order, and one is tied.
    truths = {"hamming": 2, "precision": 0.5, "recall": 0.5, "f1": 0.5, "auc": 6.5 / 8, "edges": 2}
    for name, truth in truths.items():
        got = partial(float, made[name].value)
        yield Case(name, "four nodes, one edge right, missed and false", truth, got, SHARP, SHARP)


# ---------------------------------------------------------------- a code and its factors


def _bridges() -> Iterator[Case]:
    """Three factors, and codes of them with a little noise: which edges there are is plain."""
    one = np.eye(3)
    mixed = np.array([[1.0, 1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 0.0, 1.0]])
    twice = np.vstack([one, one[:1]])
    codes = {
        "each factor its dimension": (one, 1.0, 3),
        "two dimensions mix two factors": (mixed, 3 / 5, 5),
        "two dimensions hold one factor": (twice, 3 / 4, 4),
    }
    for name, (mixing, precision, edges) in codes.items():
        truths = zip((precision, 1.0, edges), ("", "recall", "edges"), strict=True)
        for truth, part in truths:
            title = f"{name}: {part or 'precision'}"
            yield Case("network", title, truth, partial(_bridge, mixing, part), 0, 0, "by hand")
    got = partial(_bridge, np.zeros((3, 3)), "edges")
    yield Case("network", "noise: edges", 0, got, 0, 1, "a level of .01")


@cache
def _bridged(mixing: bytes, dimensions: int) -> list[Estimate]:
    noise = generator("bridge")
    factors = torch.randn(400, 3, dtype=torch.float64, generator=noise)
    weights = torch.from_numpy(np.frombuffer(mixing).reshape(dimensions, 3).copy())
    shift = torch.randn(400, dimensions, dtype=torch.float64, generator=noise)
    return network(factors @ weights.T + 0.2 * shift, factors, noise, images=300)


def _bridge(mixing: np.ndarray, part: str) -> float:
    made = _bridged(mixing.tobytes(), len(mixing))
    return next(each.value for each in made if each.part == part)


# ---------------------------------------------------------------- precisions


def _precisions() -> Iterator[Case]:
    source = "Letac & Massam (2007), the mean over a decomposable graph"
    scale = np.array([[2.0, 0.5, 0.3, 0.2], [0.5, 1.5, 0.4, 0.1], [0.3, 0.4, 1.0, 0.6]])
    scale = np.vstack([scale, [0.2, 0.1, 0.6, 1.8]])
    graphs = {
        "a chain of 4": ([[0, 1], [1, 2], [2, 3]], [[1], [2]]),
        "a triangle and an edge": ([[0, 1, 2], [2, 3]], [[2]]),
        "all of 4": ([[0, 1, 2, 3]], []),
    }
    for title, (cliques, separators) in graphs.items():
        got = partial(_off_the_mean, cliques, separators, scale)
        name = f"mean of {DRAWS:,} precisions, {title}: standard errors off, at most"
        yield Case("g-wishart", name, 0.0, got, 0.0, 4.0, source)
    got = partial(_off_the_graph, scale)
    yield Case(
        "g-wishart",
        "the covariance on a ring stays as drawn",
        0.0,
        got,
        0.0,
        1e-6,
        "by construction",
    )


def _drawn(graph: np.ndarray, scale: np.ndarray, count: int) -> np.ndarray:
    noise = torch.Generator().manual_seed(0)
    return np.array([draw_g_wishart(graph, 3, scale, noise) for _ in range(count)])


def _off_the_mean(cliques, separators, scale: np.ndarray) -> float:
    pairs = [(i, j) for clique in cliques for i in clique for j in clique if i < j]
    drawn = _drawn(joined(4, pairs), scale, DRAWS)
    error = drawn.std(0) / np.sqrt(DRAWS)
    away = np.abs(drawn.mean(0) - mean_of_decomposable(cliques, separators, 3, scale))
    return float((away[error > 0] / error[error > 0]).max())


def _off_the_graph(scale: np.ndarray) -> float:
    """How far the completed covariance is from what was drawn, where the graph joins."""
    graph = joined(4, [(0, 1), (1, 2), (2, 3), (0, 3)])
    precision = _drawn(graph, scale, 1)[0]
    shape = (3 + 3, 4)
    factor = np.linalg.cholesky(np.linalg.inv(scale))
    noise = torch.randn(shape, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    drawn = np.linalg.inv((noise.numpy() @ factor.T).T @ (noise.numpy() @ factor.T))
    kept = graph | np.eye(4, dtype=bool)
    return float(np.abs(np.linalg.inv(precision) - drawn)[kept].max() / np.abs(drawn).max())
