"""What a prior is: a distribution of codes that a frozen model may have in place of N(0, I)."""

from typing import ClassVar, Literal

from torch import Generator, Tensor, nn

from vmi.nets.codes import Codes
from vmi.nets.latents import Latents

__all__ = ["Prior"]


class Prior(nn.Module):
    r"""A distribution of codes, fitted to the aggregate posterior q(z) of a frozen model.

    A prior of one's own inherits from this and says how it is fitted, drawn from and evaluated. Its
    settings are the keyword-only parameters of its constructor; what it learns are parameters and
    buffers, which are stored and loaded by their names: a buffer may be made with another shape.

    `bound` says what `log_prob` is: "exact", or "lower" where it is the logarithm of an unbiased
    estimate of the density, made anew at each call. By Jensen its mean is then a lower bound, and
    so is any bound on a likelihood that averages such estimates before the logarithm is taken:

    .. math:: \log p(x) \ge E \log \frac1k \sum_i \frac{p(x|z_i) \hat p(z_i)}{q(z_i|x)}, \quad
        E\, \hat p(z) = p(z)

    Args:
        latents: What a code is made of.
    """

    bound: ClassVar[Literal["exact", "lower"]] = "exact"

    def __init__(self, latents: Latents) -> None:
        super().__init__()
        self.latents = latents

    def fit(self, codes: Codes, generator: Generator) -> None:
        """Fits the prior to codes of training images; it may ask for the frozen `model` as well.

        Args:
            codes: N posteriors q(z|x).
            generator: Of all that is random.

        Raises:
            NotApplicable: The codes are none that it can be fitted to.
        """
        raise NotImplementedError

    def sample(self, n: int, generator: Generator) -> Tensor:
        """Draws codes, (n, size), in float64, one-hot in each category."""
        raise NotImplementedError

    def log_prob(self, z: Tensor, generator: Generator) -> Tensor:
        """Returns the log-density of codes (..., size) in nats, (...), in float64.

        Args:
            z: One-hot in each category.
            generator: Of an estimate; a density that is exact leaves it alone.
        """
        raise NotImplementedError

    def gain(self, z: Tensor, generator: Generator) -> Tensor:
        """Returns log p'(z) - log p(z): what it gives codes (..., size) beyond N(0, I), (...)."""
        z = z.double()
        return self.log_prob(z, generator) - self.latents.prior(z).log_prob(z)

    @property
    def convention(self) -> str:
        """What a reader must know to compare numbers under this prior with others."""
        return ""

    @property
    def warning(self) -> str:
        """What to beware of in numbers under this prior; "" where all is well."""
        return ""

    def load(self, tensors: dict[str, Tensor]) -> "Prior":
        """Takes over stored parameters and buffers, whatever the shapes; returns itself, frozen.

        Raises:
            ValueError: They are not those of such a prior.
        """
        if tensors.keys() != self.state_dict().keys():
            raise ValueError("its tensors are not those of such a prior")
        for name, tensor in tensors.items():
            path, _, leaf = name.rpartition(".")
            owner = self.get_submodule(path)
            if leaf in owner._parameters:
                owner._parameters[leaf] = nn.Parameter(tensor)
            else:
                owner._buffers[leaf] = tensor
        return self.frozen()

    def frozen(self) -> "Prior":
        """Returns itself in evaluation mode, its parameters fixed."""
        return self.eval().requires_grad_(False)
