"""How many dimensions of a code are in use."""

from vmi.estimate import Estimate
from vmi.metrics.plain import as_codes

__all__ = ["active_units"]


def active_units(codes, *, threshold: float = 0.01) -> Estimate:
    r"""Returns the number of Gaussian dimensions whose mean varies with the image.

    .. math:: A_d = Var_x(E_{q(z|x)} z_d) > threshold

    Ceiling: the number of dimensions. Constant codes have 0. The threshold has the units of the
    code, by definition: it is meant for codes whose prior is N(0, I), and counts another number of
    the same code in other units.

    Args:
        codes: N posteriors, or an array (N, D).
        threshold: On the unbiased variance over the images.

    Raises:
        NotApplicable: There is no Gaussian block.

    References:
        | Importance Weighted Autoencoders (Burda et al., 2016), section 5.2
        | https://arxiv.org/abs/1509.00519
    """
    mean = as_codes(codes).gaussian_block().mean.double()
    active = int((mean.var(0) > threshold).sum())
    convention = f"variance of the mean above {threshold:g}, in the units of the code"
    return Estimate(
        active, ceiling=mean.shape[1], bound="exact", n=len(mean), convention=convention
    )
