"""The Markov network of a code and the factors of variation: which dimension is tied to which."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.learners.iamb import iamb
from vmi.metrics.plain import dimensions, factor_columns

__all__ = ["Ties", "network", "ties"]

ALPHA, ORDERS = 0.01, 99  # p is .01 where the sample says more than all orders


@dataclass(frozen=True)
class Ties:
    """The network of D dimensions of a code and F factors that vary.

    Attributes:
        edges: (D + F, D + F) truth values, the dimensions first.
        dimensions: D.
        images: How many it was learned from.
        warning: What to beware of; "" where all is well.
    """

    edges: np.ndarray
    dimensions: int
    images: int
    warning: str = ""

    @property
    def across(self) -> np.ndarray:
        """Which dimension is joined with which factor, (D, F)."""
        return self.edges[: self.dimensions, self.dimensions :]

    @property
    def partners(self) -> list[tuple[int, int]]:
        """The most edges of a dimension and a factor of which no two share either."""
        factor_of = maximum_bipartite_matching(csr_array(self.across), perm_type="column")
        return [(int(d), int(f)) for d, f in enumerate(factor_of) if f >= 0]


def network(
    codes, factors, generator: torch.Generator, *, images: int = 500, rule: str = "or"
) -> list[Estimate]:
    r"""Returns how near the edges of code and factors are to one-to-one, from 0 to 1.

    The Markov network of all dimensions and factors is learned by `iamb` over `cmi_knn`: an edge
    says that a dimension tells of a factor what no other dimension and factor does. With E the
    edges of a dimension and a factor, and M the most of them of which no two share a dimension or a
    factor, it is

    .. math:: \text{precision} = \frac{|M|}{|E|}, \quad \text{recall} = \frac{|M|}{F}

    Precision is 1 where no dimension is tied to two factors and no factor to two dimensions; recall
    is the share of the factors that have a dimension of their own. In contrast with `mig`, a
    dimension that tells of a factor through another alone is not tied to it, and it does not matter
    how much a dimension tells. The parts `edges` and `within` count the edges of a dimension and a
    factor, and those of two dimensions. Ceiling 1.

    Beware: where dimensions determine a factor or each other, several sets tell all there is, and
    one of them is found: of two dimensions that are copies, one alone may be joined.

    Args:
        codes: N posteriors, or an array (N, D); a category is its most probable value.
        factors: (N,) or (N, F); integers are classes, floats continuous.
        generator: Of the images, and of what the tests draw.
        images: So many are chosen at random, as each test takes a step for each two of them.
        rule: "or" keeps an edge that the blanket of either end has, "and" that of both. Of some
            hundred images a factor finds its dimensions, but a dimension, of which the others of
            its code tell more, seldom its factor, so that "and" finds little.

    Raises:
        NotApplicable: No factor varies, no edge was found, or a number is not finite.

    References:
        | Learning non-parametric Markov networks with mutual information (Leppä-aho, Räisänen,
        | Yang & Roos, 2017), https://arxiv.org/abs/1708.02497
    """
    found = ties(codes, factors, generator, images=images, rule=rule)
    joined, kept = int(found.across.sum()), len(found.partners)
    about = {"n": found.images, "warning": found.warning}
    about["convention"] = f"IAMB over kNN, {rule.upper()}, level {ALPHA}, {ORDERS} orders"
    within = np.triu(found.edges[: found.dimensions, : found.dimensions]).sum()
    precision = (
        Estimate(kept / joined, ceiling=1.0, **about)
        if joined
        else Estimate.not_applicable("no dimension is tied to a factor")
    )
    return [
        precision,
        Estimate(kept / found.across.shape[1], ceiling=1.0, part="recall", **about),
        Estimate(float(joined), part="edges", **about),
        Estimate(float(within), part="within", **about),
    ]


def ties(
    codes, factors, generator: torch.Generator, *, images: int = 500, rule: str = "or"
) -> Ties:
    """Learns the network that `network` measures; its arguments and errors are the same."""
    code, known = dimensions(codes), factor_columns(factors)
    if len(code[0]) != len(known[0]):
        raise NotApplicable(f"{len(code[0]):,} codes, and factors of {len(known[0]):,}")
    chosen = torch.randperm(len(known[0]), generator=generator)[:images].numpy()
    x = np.stack([*code, *known], 1).astype(float)[chosen]
    settings = {"permutations": ORDERS, "margins": "ranks"}
    learned = iamb(x, generator, alpha=ALPHA, test_settings=settings, rule=rule)
    return Ties(learned.edges, len(code), len(chosen), learned.warning)
