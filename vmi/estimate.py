"""What an instrument returns, and how one is called."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, SupportsFloat

from vmi.errors import Damaged, NotApplicable, reason
from vmi.references import asked_for
from vmi.registry import row_name

if TYPE_CHECKING:
    import torch
    from torch import Tensor

__all__ = ["Estimate", "State", "explained", "mean_estimate", "measure"]

NAN = float("nan")
NORMAL_95 = 1.959963984540054  # of a standard normal, 95% lie within

State = Literal["value", "not applicable", "failed"]


@dataclass(frozen=True)
class Estimate:
    """A number with what a reader must know of it.

    Attributes:
        value: The number.
        stderr: The estimator's own standard error, NaN where it has none. Never the spread over
            seeds.
        unit: "nats", or "" for a score, a count or a share.
        bound: What the number is of the truth: "exact", "lower", "upper" or "" (neither).
        ceiling: The most that a perfect code could score, or NaN.
        n: How many images (or pairs) the number was computed from.
        part: Which part of a metric with several numbers, e.g. "rate" of `elbo`; "" for the whole.
        ess: The effective sample size of an importance-weighted number, or NaN.
        convention: Whatever a reader must know to compare the number with another's, in a few
            words: log base, binning, normaliser, mean or sample.
        state: Whether there is a value, or why not: it has no meaning here, or it failed.
        warning: What to beware of in a value; "" where all is well.
        error: Why there is no value.
    """

    value: float
    stderr: float = NAN
    unit: str = ""
    bound: Literal["exact", "lower", "upper", ""] = ""
    ceiling: float = NAN
    n: int = 0
    part: str = ""
    ess: float = NAN
    convention: str = ""
    state: State = "value"
    warning: str = ""
    error: str = ""

    @classmethod
    def failed(cls, error: str) -> "Estimate":
        """Creates what stands for a number that should be there and is not."""
        return cls(NAN, state="failed", error=error)

    @classmethod
    def not_applicable(cls, error: str, **about: Any) -> "Estimate":
        """Creates what stands for a number that has no meaning here."""
        return cls(NAN, state="not applicable", error=error, **about)

    def called(self, measure: str) -> str:
        """Returns the name of this number in the records: `measure`, or `measure/part`."""
        return row_name(measure) + (f"/{self.part}" if self.part else "")

    @property
    def interval(self) -> tuple[float, float]:
        """Value -+ 1.96 stderr: how far the estimate scatters, not how far it is off.

        Of a biased estimator it covers the truth as seldom as the bias is large; over seeds,
        `vmi.statistics.interval` is the 95% interval.
        """
        return self.value - NORMAL_95 * self.stderr, self.value + NORMAL_95 * self.stderr


def mean_estimate(terms: "Tensor", part: str = "", bound: str = "", **about) -> Estimate:
    """Creates the estimate that is the mean of N independent terms in nats, with its error."""
    stderr = float(terms.std() / math.sqrt(len(terms))) if len(terms) > 1 else math.nan
    about |= {"unit": "nats", "n": len(terms), "part": part, "bound": bound}
    return Estimate(float(terms.mean()), stderr, **about)


def measure(
    name: str,
    metric: Callable[..., Any],
    settings: dict[str, Any],
    context: Any,
    generator: "torch.Generator",
) -> Iterator[tuple[Estimate, float]]:
    """Yields a metric's estimates, each with the seconds that all of them took together.

    A metric that fails, or that has no meaning here, yields one estimate with its reason.

    Args:
        name: The metric's, for messages.
        metric: Called with the attributes of the context that its positional parameters name.
        settings: Its keyword arguments.
        context: Offers what its attribute `offered` names.
        generator: Given to a metric that asks for one.
    """
    began = time.perf_counter()
    try:
        arguments = {
            wanted: generator if wanted == "generator" else getattr(context, wanted)
            for wanted in asked_for(name, metric, context.offered)
        }
        estimates = _estimates(metric(**arguments, **settings))
    except Damaged:  # which is no result
        raise
    except NotApplicable as error:
        estimates = [Estimate.not_applicable(str(error))]
    except (Exception, SystemExit) as error:  # a failure is a row; the other cells go on
        estimates = [Estimate.failed(reason(error))]
    seconds = time.perf_counter() - began
    yield from ((estimate, seconds) for estimate in estimates)


def _estimates(result: Any) -> list[Estimate]:
    """A metric may return a number, an estimate, or several; none is NaN without a reason."""
    if isinstance(result, SupportsFloat):
        result = Estimate(float(result))
    found = list(result) if isinstance(result, list | tuple) else [result]
    if not found or not all(isinstance(estimate, Estimate) for estimate in found):
        raise TypeError("a metric returns a number, an Estimate or a list of Estimates")
    return [explained(estimate) for estimate in found]


def explained(estimate: Estimate) -> Estimate:
    """Returns an estimate whose number, if it is NaN or infinite, is a failure with its reason.

    A number above its ceiling has a warning.
    """
    if estimate.state != "value":
        return estimate
    if math.isfinite(estimate.value):
        passed = estimate.value > estimate.ceiling + 1e-6 * max(abs(estimate.ceiling), 1.0)
        if passed and not estimate.warning:
            most = f"above its ceiling of {estimate.ceiling:.4g}, which the truth cannot pass"
            return replace(estimate, warning=most)
        return estimate
    what = "NaN" if math.isnan(estimate.value) else estimate.value
    why = estimate.error or estimate.warning or f"the number is {what}"
    return replace(estimate, state="failed", error=why, warning="")
