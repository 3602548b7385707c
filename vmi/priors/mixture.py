"""A mixture of Gaussians fitted to the aggregate posterior."""

import math
import warnings

import torch
from torch import Generator, Tensor

from vmi.errors import NotApplicable
from vmi.nets.codes import Codes
from vmi.nets.latents import Latents
from vmi.priors.prior import Prior

__all__ = ["Mixture"]

DRAWS = 20_000  # of q(z), at least one of each code, that the mixture is fitted to
FLOOR = 1e-6  # added to each variance, and the least share of a category


class Mixture(Prior):
    r"""K Gaussians with full covariances, each with its own probabilities of the categories.

    .. math:: p(z, c) = \sum_k \pi_k N(z; \mu_k, \Sigma_k) \prod_j Cat(c_j; \theta_{kj})

    The Gaussians are scikit-learn's, by expectation maximisation on draws of q(z). The categories
    are then those of the codes that each Gaussian answers for:
    :math:`\theta_{kj} \propto \sum_n p(k|z_n) q(c_j|x_n)`.

    Args:
        latents: What a code is made of.
        components: K.

    Raises:
        NotApplicable: The code has no Gaussian block.

    References:
        | From Variational to Deterministic Autoencoders (Ghosh et al., 2020), which fits ten to
        | trained codes, https://arxiv.org/abs/1903.12436
    """

    def __init__(self, latents: Latents, *, components: int = 10) -> None:
        super().__init__(latents)
        if not latents.gaussian:
            raise NotApplicable("a mixture of Gaussians wants a Gaussian block, and there is none")
        self.count, g = components, latents.gaussian
        empty = {"log_weights": (0,), "mean": (0, g), "root": (0, g, g)}
        empty |= {f"logits_{i}": (0, k) for i, k in enumerate(latents.categorical)}
        for name, shape in empty.items():
            self.register_buffer(name, torch.zeros(shape, dtype=torch.float64))
        self.register_buffer("converged", torch.ones((), dtype=torch.bool))

    def fit(self, codes: Codes, generator: Generator) -> None:
        """Fits the mixture to draws of the posteriors of training images.

        Raises:
            NotApplicable: There are fewer codes than Gaussians.
        """
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.mixture import GaussianMixture

        if len(codes) < self.count:
            raise NotApplicable(f"{self.count} Gaussians want as many codes: {len(codes)} are few")
        rounds = -(-DRAWS // len(codes))
        q = codes.posterior
        noise = self.latents.draw_noise((rounds, len(codes)), generator).double()
        z = q.sample_from(noise)[..., : self.latents.gaussian].flatten(0, 1)
        seed = int(torch.randint(2**31 - 1, (), generator=generator))
        fitted = GaussianMixture(self.count, reg_covar=FLOOR, random_state=seed)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)  # kept, and said by `warning`
            fitted.fit(z.numpy())
        self.log_weights = torch.from_numpy(fitted.weights_).log()
        self.mean = torch.from_numpy(fitted.means_)
        self.root = torch.linalg.cholesky(torch.from_numpy(fitted.covariances_))
        self.converged = torch.tensor(bool(fitted.converged_))
        shares = torch.from_numpy(fitted.predict_proba(z.numpy()))
        shares = shares.view(rounds, len(codes), -1).sum(0)
        for i, category in enumerate(q.categoricals):
            counts = shares.T @ category.probs + FLOOR
            setattr(self, f"logits_{i}", (counts / counts.sum(1, keepdim=True)).log())

    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draws codes, (n, size)."""
        chosen = torch.multinomial(self.log_weights.exp(), n, True, generator=generator)
        noise = self.latents.draw_noise((n,), generator).double()
        normal, gumbels = noise[:, : self.latents.gaussian], noise[:, self.latents.gaussian :]
        parts = [self.mean[chosen] + (self.root[chosen] @ normal[..., None])[..., 0]]
        for logits, gumbel in zip(self._logits(), gumbels.split(self._sizes, 1), strict=True):
            best = (logits[chosen] + gumbel).argmax(1)
            parts.append(torch.eye(gumbel.shape[1], dtype=torch.float64)[best])
        return torch.cat(parts, 1)

    def log_prob(self, z: Tensor, generator: Generator | None = None) -> Tensor:
        """Returns the exact log-density of codes (..., size), (...)."""
        gaussian, *one_hots = z.double().split([self.latents.gaussian, *self._sizes], -1)
        roots = zip(self.mean, self.root, strict=True)
        terms = self.log_weights + torch.stack([_log_normal(gaussian, *r) for r in roots], -1)
        for logits, one_hot in zip(self._logits(), one_hots, strict=True):
            terms = terms + one_hot @ logits.T
        return terms.logsumexp(-1)

    @property
    def warning(self) -> str:
        """Says where expectation maximisation had not ended."""
        return "" if self.converged else "expectation maximisation was stopped before it ended"

    @property
    def _sizes(self) -> list[int]:
        return list(self.latents.categorical)

    def _logits(self) -> list[Tensor]:
        return [getattr(self, f"logits_{i}") for i in range(len(self._sizes))]


def _log_normal(z: Tensor, mean: Tensor, root: Tensor) -> Tensor:
    """The log-density of one normal distribution, (...), whose covariance is root root'."""
    inverse = torch.linalg.inv(root)
    squares = ((z - mean) @ inverse.T).square().sum(-1)
    return inverse.diagonal().log().sum() - (squares + len(mean) * math.log(2 * math.pi)) / 2
