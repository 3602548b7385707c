"""How far decoded samples are from images, in the features of a classifier of the same data."""

from dataclasses import replace

import torch
from torch import Generator, Tensor, nn

from vmi.data.dataset import evenly_spread
from vmi.errors import NotApplicable
from vmi.estimate import Estimate
from vmi.metrics.features import Classifier
from vmi.priors.prior import Prior

__all__ = ["decoded_samples", "frechet", "frechet_distance"]

SPLITS = 10  # of the images into halves
UNSEEN = "on the evaluation images"
PART = 500  # codes decoded at a time


@torch.no_grad()
def frechet(
    model: nn.Module,
    prior: Prior,
    images: Tensor,
    labels: Tensor,
    classifier: Classifier,
    generator: Generator,
    *,
    most: int = 5000,
) -> list[Estimate]:
    r"""Returns the Frechet distance of decoded draws of a prior from evaluation images.

    .. math:: \|m - m'\|^2 + tr(C + C' - 2 (C C')^{1/2})

    of the means and covariances of the features of both, the hidden units of a small classifier
    that was trained on the training images of the same data set, once for all models, seeds and
    arms. So it compares these with each other, and with no distance in other features.

    - the whole: of half of the images and as many decoded samples, averaged over ten random halves.
    - `floor`: of the two halves of the images, on the same halves: what samples of the data
      themselves would score. Both have as many images on each side, and so the same bias.
    - `accuracy`: of the classifier on the evaluation images.

    A sample is drawn from p(x|z) where pixels are bits, as the images are; else it is its mean,
    without the noise that no image has. The spread is over the halves and understates what other
    images would do: no standard error is given.

    Args:
        model: In evaluation mode.
        prior: Any.
        images: (N, C, H, W), that the classifier was not trained on.
        labels: (N,) of them.
        classifier: See `vmi.metrics.features.fit_classifier`.
        generator: Of the samples and the halves.
        most: Images, evenly spread.

    Raises:
        NotApplicable: There are fewer than four images.

    References:
        | GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium
        | (Heusel et al., 2017), https://arxiv.org/abs/1706.08500
    """
    if len(images) < 4:
        raise NotApplicable("a Frechet distance wants four images at least")
    accuracy = classifier.accuracy(images, labels)
    x = images[evenly_spread(len(images), most)] if len(images) > most else images
    n, size = len(x), len(x) // 2
    real = classifier.features(x)
    halves = [torch.randperm(n, generator=generator)[: 2 * size].view(2, -1) for _ in range(SPLITS)]
    near = [frechet_distance(real[a], real[b]) for a, b in halves]  # first: alike for every prior
    codes = prior.sample(n, generator).to(images)
    drawn = classifier.features(decoded_samples(model, codes, generator))
    some = [torch.randperm(n, generator=generator)[:size] for _ in range(SPLITS)]
    pairs = zip(halves, some, strict=True)
    far = [frechet_distance(real[a], drawn[chosen]) for (a, _), chosen in pairs]
    about = f"{drawn.shape[1]} features of a classifier that is right on {accuracy:.1%}"
    whole = Estimate(
        sum(far) / SPLITS, n=size, convention=f"{about}; {size} a side", warning=prior.warning
    )
    floor = replace(whole, value=sum(near) / SPLITS, part="floor", warning="")
    right = Estimate(accuracy, n=len(images), ceiling=1.0, part="accuracy", convention=UNSEEN)
    return [whole, floor, right]


def decoded_samples(model: nn.Module, codes: Tensor, generator: Generator) -> Tensor:
    """Returns an image of each code, (N, C, H, W): a draw where pixels are bits, else the mean."""
    made = []
    for z in codes.split(PART):
        p = model.decoder(z)
        image = p.mean
        if p.support.is_discrete:
            uniform = torch.rand(image.shape, generator=generator, dtype=image.dtype)
            image = (uniform.to(image.device) < image).to(image.dtype)
        made.append(image)
    return torch.cat(made)


def frechet_distance(x: Tensor, y: Tensor) -> float:
    r"""Returns the Frechet distance of the normal distributions with the moments of two samples.

    .. math:: tr (C C')^{1/2} = tr (C^{1/2} C' C^{1/2})^{1/2}, of symmetric matrices

    Args:
        x: (N, D), N of 2 or more.
        y: (M, D).

    Example:
        >>> x = torch.tensor([[0.0], [2.0]]).double()  # a mean of 1 and a variance of 2
        >>> round(frechet_distance(x, 3 * x + 1), 6)  # 3^2 and 2 (3 - 1)^2
        17.0
    """
    (m, c), (n, d) = ((each.mean(0), torch.cov(each.T).view(2 * each.shape[1:])) for each in (x, y))
    values, vectors = torch.linalg.eigh(c)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    cross = torch.linalg.eigvalsh(root @ d @ root).clamp_min(0).sqrt().sum()
    return float((m - n).square().sum() + c.trace() + d.trace() - 2 * cross)
