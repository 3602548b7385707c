"""The noise-contrastive prior: the standard prior, bent by a learned weight."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import logsigmoid

from vmi.nets.codes import Codes
from vmi.nets.latents import Latents
from vmi.priors.fitting import CONVENTION, climb, initialise, mlp, split
from vmi.priors.tilted import Tilted

__all__ = ["NoiseContrastive"]


class NoiseContrastive(Tilted):
    r"""A weight that is the odds of a discriminator of q(z) from p(z), fitted on a frozen model.

    .. math::
        \max_D E_{q(z)} \log D(z) + E_{p(z)} \log (1 - D(z)), \quad
        D^* = \frac{q}{q + p}, \quad r = \frac{D}{1 - D} = e^{u(z)}

    u, the logit, is a network of two hidden layers beside a function linear in z and its squares,
    of which the best one is right where q and p are normal with diagonal covariances. At the
    optimum :math:`E_p r = E_q 1/r = 1`. The positives are drawn anew from q(z|x) of the training
    codes at each step, the negatives from p(z); those held out, by images, say when to stop, as a
    discriminator of few codes memorises them.

    Where the code has groups, each has a discriminator of :math:`z_k \sim q(z_k | z_{<k})` from
    :math:`z_k \sim p(z_k)` that sees the groups above it, drawn from q on both sides; they are
    fitted side by side.

    Args:
        latents: What a code is made of.
        proposals: M, of the sampler and its density; see `Tilted`.
        hidden: Units of each hidden layer.
        steps: At most so many.

    References:
        | A Contrastive Learning Approach for Training Variational Autoencoder Priors
        | (Aneja et al., 2021), https://arxiv.org/abs/2010.02917
        | Noise-Contrastive Estimation of Unnormalized Statistical Models (Gutmann & Hyvärinen,
        | 2012), https://jmlr.org/papers/v13/gutmann12a.html
    """

    def __init__(
        self, latents: Latents, *, proposals: int = 1000, hidden: int = 100, steps: int = 3000
    ) -> None:
        super().__init__(latents, proposals=proposals)
        self.steps = steps
        seen = [(end, min(end, latents.gaussian)) for end in latents.ends]  # and of that, squared
        self.curved = nn.ModuleList(mlp(end, 1, hidden) for end, _ in seen)
        self.plain = nn.ModuleList(nn.Linear(end + squared, 1) for end, squared in seen)
        self.register_buffer("separated", torch.zeros((), dtype=torch.bool))

    def fit(self, codes: Codes, generator: Generator) -> None:
        """Fits the discriminator to posteriors of training images."""
        initialise(self, generator)
        parts = split(codes, generator)
        held = climb(self, self.objective, parts, self.latents, generator, steps=self.steps)
        self.separated = torch.tensor(any(self._separates(held, generator)))

    def objective(self, z: Tensor, generator: Generator) -> Tensor:
        """Returns the terms to maximise of codes (B, size) and of as many draws of p, (B,)."""
        drawn, total = self.base.sample(len(z), generator), 0.0
        for group in range(self.groups):
            start, _ = self.span(group)
            negatives = torch.cat([z[:, :start], drawn[:, start:]], 1)
            total = total + logsigmoid(self.log_ratio(z, group))
            total = total + logsigmoid(-self.log_ratio(negatives, group))
        return total

    def log_ratio(self, z: Tensor, group: int = 0) -> Tensor:
        """Returns the logit of a group of codes (..., size), (...), in float64."""
        _, end = self.span(group)
        x = z[..., :end].to(self.plain[group].weight)
        squares = x[..., : self.latents.gaussian].square()
        logit = self.curved[group](x) + self.plain[group](torch.cat([x, squares], -1))
        return logit.squeeze(-1).double()

    def _separates(self, z: Tensor, generator: Generator) -> Iterator[bool]:
        """Whether each group's discriminator tells every code from every draw of p."""
        for group in range(self.groups):
            negative = self.weigh(len(z), generator, group, z)
            yield bool(self.log_ratio(z, group).min() > negative.max())

    @property
    def convention(self) -> str:
        """M, and what the discriminator was fitted on."""
        return f"{super().convention}, {CONVENTION}"

    @property
    def warning(self) -> str:
        """Says where r knows no bound."""
        if not self.separated:
            return ""
        return (
            "the discriminator tells every held-out code from every draw of the prior: r has no "
            "bound, and grows for as long as it is trained"
        )
