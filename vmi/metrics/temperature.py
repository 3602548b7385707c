"""How far a relaxed category was cooled while its model trained."""

from torch import nn

from vmi.errors import NotApplicable
from vmi.estimate import Estimate

__all__ = ["temperature"]


def temperature(model: nn.Module, steps: int) -> list[Estimate]:
    r"""Returns the mean temperature of the Gumbel-softmax over all steps of a training.

    .. math:: \frac1T \sum_{t < T} \tau(t)

    The part `moved` is the share of those steps at which it is below its start: 0 where the rate
    is 0, and one step in each period by the authors' schedule, which forgets the new temperature at
    once. The part `last` is the temperature at the last of them.

    Args:
        model: Knows its temperature as a function of the step.
        steps: T, how many the training took.

    Raises:
        NotApplicable: The code has no category, or nothing was trained.

    References:
        | Categorical Reparameterization with Gumbel-Softmax (Jang et al., 2017)
        | https://arxiv.org/abs/1611.01144
    """
    if not model.latents.categorical:
        raise NotApplicable("the code has no categorical block")
    if not steps:
        raise NotApplicable("the model was not trained")
    values = [model.latents.temperature(step) for step in range(steps)]
    start = model.latents.temperature.start
    common = {"bound": "exact", "convention": f"of all {steps:,} steps"}
    return [
        Estimate(sum(values) / steps, **common),
        Estimate(sum(value < start for value in values) / steps, part="moved", **common),
        Estimate(values[-1], part="last", **common),
    ]
