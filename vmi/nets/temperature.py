"""The temperature of a relaxed category, which falls while a model trains."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

__all__ = ["Schedule", "Temperature"]

Schedule = Literal["held", "published"]


@dataclass(frozen=True)
class Temperature:
    r"""The temperature of the Gumbel-softmax relaxation, as a function of the training step.

    .. math:: \tau(t) = \max(\tau_0 e^{-r s}, \tau_{min}), \quad s = p \lfloor t / p \rfloor

    Attributes:
        start: :math:`\tau_0`.
        floor: :math:`\tau_{min}`.
        rate: :math:`r`, per step.
        period: :math:`p`; between its multiples the temperature is held.
        schedule: "held" is the equation above. "published" is what the authors' code does: it
            forgets the new temperature at the next step, so that only the one step after each
            multiple of the period (t mod p = 1) has one that differs from the start.

    References:
        | Categorical Reparameterization with Gumbel-Softmax (Jang et al., 2017)
        | https://arxiv.org/abs/1611.01144
    """

    start: float = 1.0
    floor: float = 0.3
    rate: float = 1.5e-5
    period: int = 1500
    schedule: Schedule = "held"

    def __post_init__(self) -> None:
        """Refuses a schedule that is neither of the two."""
        if self.schedule not in get_args(Schedule):
            raise ValueError(f"schedule={self.schedule!r} is none of {get_args(Schedule)}")

    def __call__(self, step: int) -> float:
        """Returns the temperature at a step, counted from 0."""
        if self.schedule == "published":
            return self._decayed(step) if step % self.period == 1 else self.start
        return self._decayed(step // self.period * self.period)

    def _decayed(self, step: int) -> float:
        return max(self.start * math.exp(-self.rate * step), self.floor)
