"""The importance-weighted bound against pythae's `get_nll`, per floating-point operation.

    python benchmarks/speed/likelihood.py [--output likelihood.csv]

Both decode 1,000 samples of an image by dense networks of logistic outputs: pythae's default one
(16-512-784), and one of ours with two hidden layers (16-400-400-784), whose cost is that of its
matrix products. The ratio is that of operations a second.
"""

from collections.abc import Callable
from itertools import pairwise

import torch
from machine import matrix_rate
from turns import in_turns, main, refused, row, within

from vmi.likelihood.bounds import iwae
from vmi.models import make
from vmi.random import generator

WORK, PEER, ASKED = "IWAE, k = 1,000, an image of 784 pixels", "pythae 0.1.2, get_nll", "x4"
LATENTS, SAMPLES, IMAGES = 16, 1000, 4
NOTE = "per floating-point operation; the limit: ours at the rate of a large matrix product"


def operations(*widths: int) -> int:
    """Returns the floating-point operations of a dense network on one row.

    Example:
        >>> operations(2, 3, 1)
        18
    """
    return sum(2 * a * b for a, b in pairwise(widths))


def theirs(images: torch.Tensor):
    """Returns pythae's bound as a function of nothing."""
    from pythae.models import VAE, VAEConfig

    config = VAEConfig(
        input_dim=(1, 28, 28),
        latent_dim=LATENTS,
        reconstruction_loss="bce",
        uses_default_encoder=True,
    )
    model = VAE(config).eval()
    with torch.no_grad():
        model.get_nll(images[:1], n_samples=100, batch_size=100)

    def work() -> None:
        with torch.no_grad():
            model.get_nll(images, n_samples=SAMPLES, batch_size=100)

    return work


def bound() -> tuple[Callable[[], object], float]:
    """Returns our bound of some images as a function of nothing, and its operations an image."""
    model = make((1, 28, 28), {"model": "vae"}, {"gaussian": LATENTS}, "dense-400", "bernoulli")
    model.eval().requires_grad_(False)
    images, each = drawn(), SAMPLES * operations(LATENTS, 400, 400, 784)
    return lambda: iwae(model, images, generator(1), k=SAMPLES), each


def drawn() -> torch.Tensor:
    """Draws images of bits."""
    return (torch.rand(IMAGES, 1, 28, 28, generator=generator(0)) > 0.8).float()


def rows() -> list[dict]:
    """Measures both in turns, in the environment of the peer."""
    torch.set_num_threads(1)
    try:
        within("pythae", ["pythae==0.1.2"], imports="pythae")
    except RuntimeError as error:
        return refused(WORK, PEER, ASKED, str(error))
    work, each = bound()
    peer, own, ratio = in_turns(theirs(drawn()), work, turns=5)
    more = each / (SAMPLES * operations(LATENTS, 512, 784))
    measured = peer / IMAGES, own / IMAGES, more * ratio
    return [row(WORK, PEER, measured, ASKED, each / matrix_rate(), NOTE)]


if __name__ == "__main__":
    main(rows, __doc__)
