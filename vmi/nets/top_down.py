"""The map of a hierarchy of Gaussian groups, from the top down."""

import torch
from torch import Tensor, nn
from torch.distributions import Independent, Normal

__all__ = ["TopDown"]

LIMIT = 3.0  # of a logarithm of a scale, softly


class TopDown(nn.Module):
    r"""Maps a code in units of its prior to the groups of a hierarchy, one for one.

    .. math:: z_1 = e_1, \quad z_k = \mu_k(z_{<k}) + \sigma_k(z_{<k})\, e_k

    so that :math:`e \sim N(0, I)` is
    :math:`p(z) = \prod_k N(z_k; \mu_k(z_{<k}), diag(\sigma_k^2(z_{<k})))`. What follows the groups
    in a code, its categories, stays as it is.

    Args:
        groups: The sizes of the groups, the topmost first.
        hidden: Units of the one hidden layer of each map.
    """

    def __init__(self, groups: tuple[int, ...], hidden: int = 64) -> None:
        super().__init__()
        self.groups = groups
        above = [sum(groups[:k]) for k in range(1, len(groups))]
        self.maps = nn.ModuleList(
            nn.Sequential(nn.Linear(n, hidden), nn.SiLU(), nn.Linear(hidden, 2 * size))
            for n, size in zip(above, groups[1:], strict=True)
        )

    def conditional(self, above: Tensor, group: int) -> Independent:
        """Returns p(z_k | z_<k) of the groups above, (..., their sizes); group 1 is below the top.

        Args:
            above: The groups above, side by side.
            group: k, from 1.
        """
        mean, raw = self.maps[group - 1](above).chunk(2, -1)
        return Independent(
            Normal(mean, (LIMIT * (raw / LIMIT).tanh()).exp(), validate_args=False), 1
        )

    def forward(self, code: Tensor) -> Tensor:
        """Returns the groups of codes (..., size), in the places of what they are made from."""
        top, *below, rest = code.split([*self.groups, code.shape[-1] - sum(self.groups)], -1)
        z = top
        for k, e in enumerate(below, start=1):
            p = self.conditional(z, k).base_dist
            z = torch.cat([z, p.loc + p.scale * e], -1)
        return torch.cat([z, rest], -1)
