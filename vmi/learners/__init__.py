"""Learners of Markov networks: from a sample (N, D) to an undirected graph of its columns."""

from vmi.cards import Card
from vmi.registry import Registry

__all__ = ["LEARNERS", "SCORES"]

GRAPH = {"heading": "The graph"}


def _by_rule(name: str) -> dict[str, Card]:
    """What people call a score by the rules AND and OR."""
    return {rule: Card(name=f"{name}, {rule.upper()}") for rule in ("and", "or")}


# Functions of x, and of a generator where they want one, that return a Learned. The number of a
# name is the level, alpha, or of `sing` the order of its polynomials.
LEARNERS = Registry(
    "learner",
    {
        "iamb": Card(
            "vmi.learners.iamb:iamb",
            name="IAMB",
            numbered="IAMB, α = #",
            reading="the blanket of each node grows by the node that is most associated with it "
            "and shrinks by tests, of nearest neighbours unless it says otherwise.",
        ),
        "grow-shrink": Card(
            "vmi.learners.grow_shrink:grow_shrink",
            name="Grow-Shrink",
            numbered="Grow-Shrink, α = #",
            reading="the blanket of each node grows by any node that is dependent on it, and "
            "shrinks by tests.",
        ),
        "graphical-lasso": Card(
            "vmi.learners.gaussian:graphical_lasso",
            name="graphical lasso",
            reading="the precision of a normal distribution under an L1 penalty that is chosen by "
            "cross-validation.",
        ),
        "nonparanormal": Card(
            "vmi.learners.gaussian:nonparanormal",
            name="nonparanormal",
            reading="the graphical lasso of normal scores, so that margins may be of any kind.",
        ),
        "neighbourhoods": Card(
            "vmi.learners.gaussian:neighbourhoods",
            name="neighbourhood selection",
            reading="a lasso for each node, whose coefficients are its neighbours.",
        ),
        "nonparanormal-neighbourhoods": Card(
            "vmi.learners.gaussian:nonparanormal_neighbourhoods",
            name="neighbourhood selection, normal scores",
            reading="a lasso for each node, of normal scores.",
        ),
        "sing": Card(
            "vmi.learners.sing:sing",
            name="SING",
            numbered="SING, order #",
            reading="the generalised precision of a density by a transport map, as TransportMaps "
            "has it, where that is installed.",
        ),
    },
)

# Of a learned graph, beside the true one.
SCORES = Registry(
    "score",
    {
        "hamming": Card(
            name="Hamming distance",
            parts=_by_rule("Hamming distance"),
            better="down",
            reading="how many pairs are joined wrongly, or wrongly left apart. Every learner gets "
            "the same samples, a fresh one a seed.",
            headline=True,
            **GRAPH,
        ),
        "precision": Card(
            name="precision",
            parts=_by_rule("precision"),
            better="up",
            reading="the share of the edges found that are true.",
            **GRAPH,
        ),
        "recall": Card(
            name="recall",
            parts=_by_rule("recall"),
            better="up",
            reading="the share of the true edges that are found.",
            **GRAPH,
        ),
        "f1": Card(
            name="F1",
            parts=_by_rule("F1"),
            better="up",
            reading="the harmonic mean of precision and recall.",
            headline=True,
            **GRAPH,
        ),
        "auc": Card(
            name="AUC",
            better="up",
            reading="the chance that a true edge has a larger weight than a pair that is not "
            "joined, wherever the line is drawn between the two.",
            headline=True,
            **GRAPH,
        ),
        "edges": Card(
            name="edges found",
            **GRAPH,
            reading="how many pairs are joined, truly or not.",
        ),
        "changed": Card(
            name="pairs that change",
            better="down",
            reading="in how many pairs two networks of one sample differ that are learned with two "
            "seeds, of learners that are told to repeat.",
            **GRAPH,
        ),
        "tests": Card(
            name="tests made",
            better="down",
            heading="Cost",
            reading="how many tests of independence were made, each once.",
        ),
    },
)
