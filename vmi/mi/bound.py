"""I(c; x'), the code and the decoded image: the paper's variational bound, on a frozen model."""

import math
from collections.abc import Iterator
from itertools import islice

import torch
from torch import Tensor, nn

from vmi.errors import NotApplicable
from vmi.estimate import Estimate, mean_estimate
from vmi.nets.batch_statistics import fix_population_statistics
from vmi.nets.coders import Encoder
from vmi.nets.codes import Codes
from vmi.nets.densities import check_summable, joint_probabilities, log_aggregate, sample
from vmi.nets.joint_code import JointCode
from vmi.training.adam import Adam
from vmi.training.memory import keep_freed_memory

__all__ = ["fit_q", "vmi_bound"]

BOUND = {"bound": "lower", "convention": "code and decoded image, not the data"}
PUBLISHED = "ln K + E log Q, as the authors plot it: no bound, as ln K can exceed H of the code"


def vmi_bound(
    model: nn.Module,
    train_codes: Codes,
    codes: Codes,
    generator: torch.Generator,
    *,
    steps: int = 1000,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
) -> list[Estimate]:
    r"""Returns the variational lower bound on I(c; x') of the chosen components, in nats.

    .. math:: I(c; x') \ge H(c) + E \log Q(c | x'), \quad c \sim q(c|x),\ x' = E[x | z]

    x' is the decoded image, not the data: a model that draws c at random and decodes it faithfully
    has a high I(c; x') and a low I_q(c; x), so this is not ordered with `information-chosen`, which
    is the latter, of the same components. The entropy
    is that of the aggregate code on the evaluation images, never that of the prior: ln K would let
    the bound exceed the entropy of the code. Q is a fresh network, fitted on the training images'
    codes and reported on the evaluation images'.

    The whole is of all chosen components together. The parts:

    - `categorical` and `gaussian`, the bound of each block alone;
    - `entropy`, the H(c) of the whole (differential, where a component is Gaussian), and
      `entropy-categorical`, that of the categories alone, which their bound cannot pass;
    - `published`, the categories' :math:`\ln K + E \log Q`, which the authors plot. It bounds
      nothing: where the aggregate code is not uniform it can exceed its entropy.

    Args:
        model: A frozen model, in evaluation mode.
        train_codes: Q is fitted on samples of these.
        codes: The bound is reported on samples of these.
        generator: Of the samples and of Q's initial weights.
        steps: Of Adam on Q.
        batch_size: Codes a step.
        learning_rate: Adam's.

    Raises:
        NotApplicable: No component of the code is chosen, or its categories have too many
            combinations for their entropy to be summed.

    References:
        | Variational Mutual Information Maximization Framework for VAE Latent Codes with
        | Continuous and Discrete Priors (Serdega & Kim, 2020), https://arxiv.org/abs/2005.13953
    """
    latents = model.latents
    if not (latents.informed or latents.categorical):
        raise NotApplicable("no component of the code is chosen: it has no informed dimension")
    check_summable(codes)  # or the entropy is out of reach, whatever Q would learn
    q_network = fit_q(model, train_codes, generator, steps, batch_size, learning_rate)
    _, z = sample(codes, generator)
    predictions, chosen = _predictions(model, q_network, z), latents.choose(z)
    codes = codes.leading(latents.informed)
    surprise = _surprise(codes, chosen)
    whole = mean_estimate(surprise + predictions.log_prob(chosen), **BOUND)
    entropy = mean_estimate(surprise, part="entropy", convention="H of the aggregate code")
    return [whole, *_parts(codes, chosen, predictions), entropy]


def fit_q(
    model: nn.Module,
    codes: Codes,
    generator: torch.Generator,
    steps: int,
    batch_size: int,
    learning_rate: float,
) -> nn.Module:
    """Fits a fresh Q to predict the chosen components of codes from their decoded images."""
    keep_freed_memory()
    chosen = model.latents.chosen
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(int(torch.randint(2**62, (), generator=generator)))
        q = Encoder(model.networks.q(chosen.outputs), chosen)
    adam = Adam(q.to(memory_format=torch.channels_last).parameters(), learning_rate)
    batches = _batches(model, codes, batch_size, generator)
    for z, x in islice(batches, steps):
        adam.minimise(-q(x).log_prob(model.latents.choose(z)).mean())
    epoch = -(-len(codes) // batch_size)
    fix_population_statistics(q, (lambda x=x: q(x) for _, x in islice(batches, epoch)))
    return q.requires_grad_(False)


def _batches(
    model: nn.Module, codes: Codes, batch_size: int, generator: torch.Generator
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields codes and their decoded images without end: fresh samples, a new order each epoch."""
    posterior = codes.posterior
    while True:
        for i in torch.randperm(len(codes), generator=generator).split(batch_size):
            noise = model.latents.draw_noise((len(i),), generator)
            z = posterior[i].sample_from(noise.double()).float()
            yield z, _decoded(model, z)


@torch.no_grad()
def _decoded(model: nn.Module, z: Tensor) -> Tensor:
    return model.decoder(z).mean


@torch.no_grad()
def _predictions(model: nn.Module, q: nn.Module, z: Tensor, batch_size: int = 1000) -> JointCode:
    """Q's distributions of the chosen components of codes, from their decoded images."""
    nets = [q.net(_decoded(model, part.float())) for part in z.split(batch_size)]
    return model.latents.chosen.distribution(torch.cat(nets).double())


def _surprise(codes: Codes, chosen: Tensor) -> Tensor:
    """-log q(c) of chosen components under the aggregate code; its mean is the entropy.

    For categories alone the entropy is known, and stands in each place.
    """
    if codes.mean.shape[1]:
        return -log_aggregate(codes.posterior, chosen)
    return _entropy(codes).expand(len(codes))


def _entropy(codes: Codes) -> Tensor:
    """H of the aggregate of all categories together, exact for these images."""
    return torch.special.entr(joint_probabilities(codes).mean(0)).sum()


def _parts(codes: Codes, chosen: Tensor, predictions: JointCode) -> Iterator[Estimate]:
    """The bound of the categories and of the Gaussian dimensions, each on its own."""
    log_gaussian = predictions.gaussian.log_prob(chosen[:, : codes.mean.shape[1]])
    if codes.categorical:
        log_categorical = predictions.log_prob(chosen) - log_gaussian
        yield from _categorical(codes.categorical_block(), log_categorical)
    if codes.mean.shape[1]:
        surprise = _surprise(codes.gaussian_block(), chosen[:, : codes.mean.shape[1]])
        yield mean_estimate(surprise + log_gaussian, part="gaussian", **BOUND)


def _categorical(codes: Codes, log_q: Tensor) -> Iterator[Estimate]:
    """The bound of the categories, the entropy it cannot pass, and the authors' form of it."""
    entropy, values = _entropy(codes), math.prod(p.shape[1] for p in codes.categorical)
    ceiling = math.log(values)
    yield mean_estimate(entropy + log_q, part="categorical", ceiling=ceiling, **BOUND)
    fields = {"unit": "nats", "bound": "exact", "ceiling": ceiling, "n": len(codes)}
    convention = "H of the aggregate code, summed over the values"
    yield Estimate(float(entropy), part="entropy-categorical", convention=convention, **fields)
    yield mean_estimate(ceiling + log_q, part="published", convention=PUBLISHED)
