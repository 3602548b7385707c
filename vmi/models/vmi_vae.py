"""The VAE with variational mutual-information maximisation."""

from typing import ClassVar, Literal, get_args

import torch
from torch import Tensor

from vmi.models.vae import VAE
from vmi.nets.coders import Encoder
from vmi.nets.joint_code import JointCode

__all__ = ["VMIVAE"]

Inputs = Literal["auto", "reconstructions", "prior", "both"]


class VMIVAE(VAE):
    r"""Creates a VAE whose chosen code components can be predicted from the decoded image.

    .. math::
        L = -E_{q(z|x)} \log p(x|z) + KL(q(z|x) \| p(z))
            + w_c E[-\log Q(c | \hat x)] + w_z E[-\log Q(z_{1..m} | \hat x)]

    Barber & Agakov: I(c; x') >= H(c) + E log Q(c | x'), x' the decoded image; H(c) is dropped.
    Each step moves the VAE (Q fixed), then Q alone, on a fresh forward pass and unweighted
    (`phases`). The chosen components are all categories and the `informed` Gaussian dimensions.

    The authors' weights stand beside w_kl = .005, and their loss is ours times w_kl: their
    w_cat = .01 and w_cont = .0005 are 2 and .1 here. The default of 1 pays for a nat of the
    category what the rate costs; above it a constant category, which Q predicts at no cost, can
    pay for its whole rate, and small networks did end there.

    Args:
        categorical_weight: :math:`w_c \ge 0`.
        gaussian_weight: :math:`w_z \ge 0`.
        q_sees: The decoded images that Q sees: "reconstructions", images decoded from "prior"
            draws, or "both" (2B images). "auto" is what the authors do: both for a Gaussian code,
            reconstructions otherwise.

    Raises:
        ValueError: A weight is negative, no component is chosen, or `q_sees` is none of these.

    References:
        | Variational Mutual Information Maximization Framework for VAE Latent Codes with
        | Continuous and Discrete Priors (Serdega & Kim, 2020)
        | https://arxiv.org/abs/2005.13953
        | The IM Algorithm: A Variational Approach to Information Maximization
        | (Barber & Agakov, 2003)
        | https://papers.nips.cc/paper/2410-information-maximization-in-noisy-channels
    """

    phases: ClassVar[dict[str, tuple[str, ...]]] = {"objective": (), "q_objective": ("q",)}
    noises: ClassVar[tuple[str, ...]] = ("posterior", "prior", "q-posterior", "q-prior")

    def __init__(
        self,
        *args,
        categorical_weight: float = 1.0,
        gaussian_weight: float = 0.1,
        q_sees: Inputs = "auto",
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        weights = {"categorical_weight": categorical_weight, "gaussian_weight": gaussian_weight}
        for name, weight in weights.items():
            if not weight >= 0:
                raise ValueError(f"{name}={weight} is negative")
        if not (self.latents.informed or self.latents.categorical):
            raise ValueError("no component is chosen: set `informed` or add a category")
        if q_sees not in get_args(Inputs):
            raise ValueError(f"q_sees={q_sees!r} is none of {get_args(Inputs)}")
        self.categorical_weight, self.gaussian_weight = categorical_weight, gaussian_weight
        if q_sees == "auto":
            q_sees = "reconstructions" if self.latents.categorical else "both"
        self.q_sees = q_sees
        self.q = Encoder(self.networks.q(self.latents.chosen.outputs), self.latents.chosen)

    def objective(self, x: Tensor, noise: dict[str, Tensor], step: int) -> dict[str, Tensor]:
        """Returns the VAE's loss and what it is made of; see `VAE.objective`."""
        q, z, p = self.reconstruct(x, noise["posterior"], step)
        terms = self.negative_elbo(x, q, p)
        missing = self._missing(*self.pairs_for_q(z, p.mean, noise["prior"], step))
        terms["entropy_categorical"] = self._entropy(q)
        loss = terms["loss"] + self.categorical_weight * missing["missing_categorical"]
        loss = loss + self.gaussian_weight * missing["missing_gaussian"]
        return terms | missing | {"loss": loss}

    def q_objective(self, x: Tensor, noise: dict[str, Tensor], step: int) -> dict[str, Tensor]:
        """Returns Q's own loss, unweighted, with the VAE fixed."""
        with torch.no_grad():
            _, z, p = self.reconstruct(x, noise["q-posterior"], step)
            codes, images = self.pairs_for_q(z, p.mean, noise["q-prior"], step)
        return {"loss": sum(self._missing(codes, images).values())}

    def pairs_for_q(
        self, codes: Tensor, images: Tensor, noise: Tensor, step: int
    ) -> tuple[Tensor, Tensor]:
        """The codes and decoded images that Q is given: reconstructions, prior draws or both."""
        if self.q_sees == "reconstructions":
            return codes, images
        temperature, hard = self.latents.temperature(step), self.latents.hard
        draws = self.latents.prior(codes).relaxed_sample(noise, temperature, hard)
        decoded = self.decoder(draws).mean
        if self.q_sees == "prior":
            return draws, decoded
        return torch.cat([codes, draws]), torch.cat([images, decoded])

    def _missing(self, codes: Tensor, images: Tensor) -> dict[str, Tensor]:
        """Returns Q's cross-entropy of the chosen components, -E log Q, by block, in nats."""
        q, chosen = self.q(images), self.latents.choose(codes)
        gaussian, _ = q.split(chosen)
        log_gaussian = q.gaussian.log_prob(gaussian)
        return {
            "missing_categorical": (log_gaussian - q.log_prob(chosen)).mean(),
            "missing_gaussian": -log_gaussian.mean(),
        }

    @torch.no_grad()
    def _entropy(self, q: JointCode) -> Tensor:
        """The entropy of the categories that Q predicts, in nats, which the loss drops."""
        entropy = q.gaussian.mean.new_zeros(())
        for category in q.categoricals:
            posterior = category.probs.mean(0)
            prior = torch.full_like(posterior, 1 / len(posterior))
            both = (posterior + prior) / 2
            shares = {"reconstructions": posterior, "prior": prior, "both": both}[self.q_sees]
            entropy = entropy + torch.special.entr(shares).sum()
        return entropy
