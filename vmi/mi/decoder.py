r"""A lower bound on I_q(x;z) through the decoder, which needs no density of the encoder."""

import math

import torch
from torch import Tensor, nn

from vmi.estimate import Estimate, mean_estimate
from vmi.nets.codes import Codes
from vmi.nets.densities import log_own, prior, sample

__all__ = ["decoded_scores", "information_decoder"]

PIXELS = 4_000_000  # scored at a time, so that memory is bounded


@torch.no_grad()
def information_decoder(
    model: nn.Module,
    codes: Codes,
    images: Tensor,
    generator: torch.Generator,
    *,
    negatives: int = 256,
) -> list[Estimate]:
    r"""Returns lower bounds on I_q(x;z) by classifying which image a code is of, in nats.

    Within batches of K images, by the bound of Barber and Agakov on the information between the
    code and the index of its image,

    .. math:: I_q(x;z) \ge \ln K + E \log r(i|z_i), \quad
        r(i|z) = \frac{p(x_i|z)}{\sum_{j \le K} p(x_j|z)}

    It holds for whatever encoder and decoder, as the code is only sampled, and is at most ln K. A
    constant code has at most 0. The two differ in r:

    - the whole: as above, the Bayes classifier of the decoder. Where log p(x) differs from image to
      image it is loose, as it favours likely ones: .70 of the 1.50 nats of a `LinearGaussian` of
      two factors and six pixels, with the exact encoder and decoder.
    - `evidence`: each p(x_j|z) is first divided by an estimate of p(x_j), by one importance sample
      of another code. It meets the truth where the encoder is the posterior: 1.47 there.

    The cost is that of N K images' likelihoods.

    Args:
        model: In evaluation mode.
        codes: N posteriors.
        images: (N, C, H, W), of which the codes are.
        generator: Of the samples and the batches.
        negatives: K, at most N.

    References:
        | The IM Algorithm (Barber & Agakov, 2003)
        | https://proceedings.neurips.cc/paper/2003/hash/a6ea8471c120fe8cc35a2954c9b9c595-Abstract.html
        | On Variational Bounds of Mutual Information (Poole et al., 2019)
        | https://arxiv.org/abs/1905.06922
    """
    n, k = len(images), min(negatives, len(images))
    _, z = sample(codes, generator)
    evidence = _evidence(model, codes, images, generator)
    order = torch.randperm(n, generator=generator)[: n // k * k].view(-1, k)
    plain, weighed = [], []
    for i in order:
        scores = decoded_scores(model, z[i], images[i])
        plain.append(scores.log_softmax(1).diagonal())
        weighed.append((scores - evidence[i]).log_softmax(1).diagonal())
    common = {"bound": "lower", "ceiling": math.log(k), "convention": f"decoder, K = {k} images"}
    return [
        mean_estimate(math.log(k) + torch.cat(plain), **common),
        mean_estimate(math.log(k) + torch.cat(weighed), part="evidence", **common),
    ]


def decoded_scores(model: nn.Module, z: Tensor, images: Tensor) -> Tensor:
    """log p(x_j|z_i) of K codes and K images, (K, K), in float64; each code is decoded once."""
    p = model.decoder(z.to(images))
    part = max(1, PIXELS // images.numel())
    scores = [p.log_prob(x[:, None]).double() for x in images.split(part)]
    return torch.cat(scores).T


def _evidence(model: nn.Module, codes: Codes, images: Tensor, generator: torch.Generator) -> Tensor:
    """log p(x|z) p(z) / q(z|x) by one sample of each code, (N,): an estimate of log p(x)."""
    q, z = sample(codes, generator)
    part = max(1, PIXELS // images[0].numel())
    pairs = zip(z.to(images).split(part), images.split(part), strict=True)
    log_p = torch.cat([model.decoder(of).log_prob(x).double() for of, x in pairs])
    return log_p + prior(q).log_prob(z) - log_own(q, z)
