"""Mutual information in nats: of a model's codes, and of two arrays.

The package can be called: `vmi.mi(x, y)` estimates the information of two arrays of one's own.
"""

import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from vmi.cards import Card
from vmi.registry import Registry

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ESTIMATORS", "INFORMATION"]

CODE = {"heading": "Mutual information of image and code", "unit": "nats"}
LOWER = "a lower bound, which cannot pass ln K, for K images told apart at a time"
UPPER = "an upper bound, E KL(q(z|x) ‖ p(z))"


def _bracket(what: str) -> dict[str, Card]:
    """The cards of the two bounds around an information."""
    return {
        "infonce": Card(name=f"{what[:7]} ≥{what[7:]}, InfoNCE", unit="nats"),
        "rate": Card(name=f"{what[:7]} ≤{what[7:]}, rate", unit="nats"),
    }


# Of a model's codes.
INFORMATION = Registry(
    "metric",
    {
        "information": Card(
            "vmi.mi.aggregate:information",
            name="I(x; z)",
            reading="how much the code z = q(z|x) tells of the image it was made from, estimated "
            "from the aggregate posterior of the N evaluation images, so that it cannot pass ln N, "
            "and has a warning within 5% of that; "
            f"InfoNCE is {LOWER}, and the rate {UPPER}. More information is neither better nor "
            "worse in itself, so nothing is bold.",
            headline=True,
            parts=_bracket("I(x; z)"),
            **CODE,
        ),
        "information-gaussian": Card(
            "vmi.mi.aggregate:information_gaussian",
            name="I(x; z), Gaussian",
            reading="what the Gaussian part of the code tells of the image.",
            parts=_bracket("I(x; z), Gaussian"),
            **CODE,
        ),
        "information-categorical": Card(
            "vmi.mi.aggregate:information_categorical",
            name="I(x; c), categorical",
            reading="what the categorical part of the code tells of the image, summed exactly over "
            "its values; at most the logarithm of their number.",
            **CODE,
        ),
        "information-chosen": Card(
            "vmi.mi.aggregate:information_chosen",
            name="I(x; c), chosen components",
            reading="what the components that Q is to tell say of the image: all categories and "
            "the informed Gaussian dimensions.",
            parts=_bracket("I(x; c), chosen components"),
            **CODE,
        ),
        "information-dimensions": Card(
            "vmi.mi.aggregate:information_dimensions",
            name="sum of I(x; z_d)",
            reading="the information of each dimension on its own, added up; what several "
            "dimensions tell alike counts several times. Each is at most ln N.",
            parts={
                "dimension-#": Card(name="I(x; z_#)", unit="nats"),
                "category-#": Card(name="I(x; c_#)", unit="nats"),
            },
            **CODE,
        ),
        "information-decoder": Card(
            "vmi.mi.decoder:information_decoder",
            name="I(x; z) ≥, decoder",
            reading="a lower bound by telling, with the decoder, which of K images a code is of.",
            parts={"evidence": Card(name="I(x; z) ≥, decoder and evidence", unit="nats")},
            **CODE,
        ),
        "decomposition": Card(
            "vmi.mi.decomposition:decomposition",
            name="rate, decomposed",
            reading="the rate is the sum of what the code tells of the image, what its dimensions "
            "tell of each other, and how far each is from its prior.",
            parts={
                "information": Card(name="rate: information", unit="nats"),
                "total-correlation": Card(name="rate: total correlation", unit="nats"),
                "dimension-wise-kl": Card(name="rate: dimension-wise KL", unit="nats"),
            },
            **CODE,
        ),
        "decomposition-stratified": Card(
            "vmi.mi.decomposition:decomposition_stratified",
            name="rate, decomposed by batches",
            reading="the decomposition from batches, whose logarithms are biased.",
            parts={
                "information": Card(name="rate by batches: information", unit="nats"),
                "total-correlation": Card(name="rate by batches: total correlation", unit="nats"),
                "dimension-wise-kl": Card(name="rate by batches: dimension-wise KL", unit="nats"),
            },
            **CODE,
        ),
        "prior-gap": Card(
            "vmi.mi.prior_gap:prior_gap",
            name="KL(q(z) ‖ p(z))",
            better="down",
            heading="The prior and the aggregate posterior",
            reading="how far the prior is from the codes of all images together: what the rate "
            "pays beyond I(x; z), and the most that a prior fitted to the frozen model can win.",
            unit="nats",
            of_prior=True,
            parts={
                "ceiling": Card(name="KL(q(z) ‖ N(0, I)), the ceiling", unit="nats"),
                "ceiling-most": Card(name="ceiling ≤, rate − InfoNCE", unit="nats"),
                "won": Card(name="nats won", better="up", unit="nats"),
                "share": Card(name="share of the ceiling won", better="up"),
            },
        ),
        "vmi-bound": Card(
            "vmi.mi.bound:vmi_bound",
            name="VMI bound",
            heading="The VMI bound: code and decoded image",
            reading="a lower bound on I(code; decoded image): how well the code can be read off "
            "the image that it was decoded to. It is another quantity than I(x; z), and the two "
            "are not ordered: a decoder can draw every code clearly although the code says little "
            "of x.",
            unit="nats",
            headline=True,
            parts={
                "categorical": Card(
                    name="VMI bound, categorical", numbered="VMI bound, categorical (#)"
                ),
                "gaussian": Card(name="VMI bound, Gaussian", numbered="VMI bound, Gaussian (#)"),
                "entropy": Card(
                    name="VMI bound, entropy of the code",
                    numbered="VMI bound, entropy of the code (#)",
                ),
                "entropy-categorical": Card(name="H(q(c))"),
                "published": Card(
                    name="ln K + E log Q, as plotted by the authors",
                    numbered="ln K + E log Q, as plotted by the authors (#)",
                ),
            },
        ),
    },
)


def _neighbours(reference: str, name: str, reading: str) -> Card:
    names = {"name": f"{name}, k = 3", "numbered": f"{name}, k = #"}
    return Card(f"vmi.mi.neighbours:{reference}", reading=reading, **names)


# Of two arrays: functions of (x, y), and of z to condition on or of a generator where they want it.
ESTIMATORS = Registry(
    "estimator",
    {
        "ksg": _neighbours("ksg", "KSG-1", "by the neighbours within the distance of the k-th."),
        "ksg-euclidean": _neighbours(
            "ksg_euclidean",
            "KSG-1, Euclidean",
            "by the neighbours within the distance of the k-th, Euclidean in x and in y.",
        ),
        "ksg2": _neighbours("ksg2", "KSG-2", "by the neighbours within a box around k of them."),
        "mixed-ksg": _neighbours(
            "mixed_ksg",
            "mixed KSG",
            "by neighbours, where values may be discrete (as integers are), continuous or both.",
        ),
        "conditional-ksg": _neighbours(
            "conditional_ksg", "conditional KSG", "by neighbours, of x and y given z."
        ),
        "conditional-plug-in": Card(
            "vmi.mi.discrete:conditional_plug_in",
            name="conditional plug-in",
            reading="of the counts of x and y given z; from few samples it errs upwards.",
        ),
        "plug-in": Card(
            "vmi.mi.discrete:plug_in",
            name="plug-in",
            reading="of the counts themselves; from few samples it errs upwards.",
        ),
        "miller-madow": Card(
            "vmi.mi.discrete:miller_madow",
            name="Miller-Madow",
            reading="of the counts, less the bias to first order.",
        ),
        "chao-shen": Card(
            "vmi.mi.discrete:chao_shen",
            name="Chao-Shen",
            reading="of counts, with what was not seen allowed for by what was seen once.",
        ),
        "nsb": Card(
            "vmi.mi.discrete:nsb",
            name="NSB",
            reading="of counts, by Bayesian entropies under a prior that is even in the entropy.",
        ),
        "james-stein": Card(
            "vmi.mi.discrete:james_stein",
            name="James-Stein",
            reading="of counts that are shrunk towards an even table.",
        ),
        "cca": Card(
            "vmi.mi.cca:cca",
            name="CCA",
            reading="of a normal distribution with the same covariance: right where x and y are "
            "jointly normal.",
        ),
        "ba": Card(
            "vmi.mi.predictive:ba",
            name="BA",
            reading="the entropy of y less what a fitted density leaves unknown of y given x.",
        ),
        "doe": Card(
            "vmi.mi.predictive:doe",
            name="DoE",
            reading="the difference of two entropies, each the cross-entropy of a fitted density.",
        ),
        "club": Card(
            "vmi.mi.predictive:club",
            name="CLUB",
            reading="how much likelier y is given its own x than given another's: with the true "
            "density an upper bound, and a loose one.",
        ),
        "dv": Card(
            "vmi.mi.variational:dv",
            name="DV",
            reading="Donsker and Varadhan's lower bound, by a trained critic; that of a finite "
            "sample errs upwards.",
        ),
        "mine": Card(
            "vmi.mi.variational:mine",
            name="MINE",
            reading="DV with a gradient that small batches do not bias.",
        ),
        "nwj": Card(
            "vmi.mi.variational:nwj",
            name="NWJ",
            reading="Nguyen, Wainwright and Jordan's lower bound, by a trained critic; its spread "
            "grows exponentially with the information.",
        ),
        "nwj-js": Card(
            "vmi.mi.variational:nwj_js",
            name="NWJ, JS-trained",
            reading="NWJ by a critic that is trained on the steadier Jensen-Shannon objective.",
        ),
        "tuba": Card(
            "vmi.mi.variational:tuba",
            name="TUBA",
            reading="the tractable unnormalised lower bound, with a learned baseline.",
        ),
        "infonce": Card(
            "vmi.mi.variational:infonce",
            name="InfoNCE",
            numbered="InfoNCE, K = #",
            reading="a lower bound that cannot pass ln K, for its K samples; an estimate within 5% "
            "of that has a warning.",
        ),
        "interpolated": Card(
            "vmi.mi.variational:interpolated",
            name="interpolated",
            reading="the lower bound between NWJ and InfoNCE.",
        ),
        "smile": Card(
            "vmi.mi.variational:smile",
            name="SMILE",
            reading="DV with the ratio clipped, which trades its spread for a bias.",
        ),
        "minde": Card(
            "vmi.mi.minde:minde", name="MINDE", reading="what y adds to the score of a diffused x."
        ),
    },
)


class MI(ModuleType):
    """This package, which can be called."""

    def __call__(
        self,
        x: Any,
        y: Any,
        z: Any = None,
        *,
        estimators: Sequence[str | Callable[..., Any]] | str | None = None,
        seed: int = 0,
        groups: Any = None,
        permutations: int = 0,
        local: bool = False,
    ) -> "pd.DataFrame":
        r"""Returns the mutual information :math:`I(x; y)`, or :math:`I(x; y \mid z)`, in nats.

        The frame is tidy, a row an estimator, in the columns of records. An array is one of NumPy,
        a tensor on any device, a pandas frame or series, or a list; integers are discrete, floats
        continuous. A column that is constant is left out.

        Args:
            x: (N,) or (N, D).
            y: (N,) or (N, D).
            z: (N,) or (N, D), what to condition on.
            estimators: Names, `my_file:my_estimator`, or functions; all that apply without them.
            seed: Of every random number.
            groups: (N,), numbers or names: rows of one group depend on each other, as repeats or
                augmentations do. Neural estimators keep them in one of their three parts, others
                are given one row a group.
            permutations: For a p-value, in a row `NAME/p-value` after each estimate: the share of
                so many permutations of y that say as much or more, the estimate itself included.
                Given z, y is permuted among rows alike in z alone. The cost is that of as many
                estimates, each of which fits a network anew where there is one
                (`vmi.mi.permutation`).
            local: Add the column `local`: what each pair contributes to an estimate, (N,), whose
                mean is the estimate, or None where there is no such (`vmi.mi.pointwise`).

        Raises:
            UserError: An array is malformed, or nobody knows an estimator.

        Warns:
            DataWarning: A column is constant, or an estimator has no local values.

        Example:
            >>> import numpy as np, vmi
            >>> x, noise = np.random.default_rng(0).normal(size=(2, 2000))
            >>> y = 0.8 * x + 0.6 * noise  # the truth is -ln(1 - .8^2) / 2 = .51 nats
            >>> vmi.mi(x, y, estimators=["ksg-3", "cca"])[["method", "value", "stderr"]].round(2)
              method  value  stderr
            0  ksg-3   0.50    0.02
            1    cca   0.51    0.02
        """
        of_arrays = import_module("vmi.commands.estimating")  # not before: it imports torch
        return of_arrays.estimate(x, y, z, estimators, seed, groups, permutations, local)


sys.modules[__name__].__class__ = MI
