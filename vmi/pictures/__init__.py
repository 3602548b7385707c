"""Pictures of a frozen model: functions of what they ask for by name, that give an image.

`OFFERED` is what a picture may ask for by the names of its positional parameters: the frozen
`model`, the evaluation `split` as every metric sees it, the `dataset` that it is of, and the
`prior`, by which each arm has a picture of its own where the card says `of_prior`. It returns
an image (1 or 3, H, W) with pixels in [0, 1], or rows of such, (R, Q, 1 or 3, H, W), and raises
`vmi.errors.NotApplicable` where it has no meaning for the model or the data.
"""

from vmi.cards import Card
from vmi.registry import Registry

__all__ = ["OFFERED", "PICTURES"]

OFFERED = ("model", "split", "dataset", "prior")

SWEEP = (
    "with one part of its code moved: Gaussian dimension 0, then 1, as far as the code has them, "
    "then the category through its values."
)

PICTURES = Registry(
    "picture",
    {
        "reconstructions": Card(
            "vmi.pictures.tiles:reconstructions",
            name="Reconstructions",
            reading="Rows of images, each above the row of their reconstructions.",
        ),
        "samples": Card(
            "vmi.pictures.tiles:samples",
            name="Samples from the prior",
            reading="Decoded draws of the prior, the same for all models with such a code.",
            of_prior=True,
        ),
        "samples-beside": Card(
            "vmi.pictures.priors:samples_beside",
            name="Samples from N(0, I), from the prior, and from the codes of images",
            reading="Decoded draws by the same decoder: at the left of N(0, I), at the right of "
            "the aggregate posterior, which is the most that a prior could be, and between them of "
            "the prior where it is another.",
            of_prior=True,
        ),
        "densities": Card(
            "vmi.pictures.priors:densities",
            name="Densities of a code of two numbers",
            reading="The aggregate posterior q(z), N(0, I), and the prior where it is another, in "
            "one scale of colours: where N(0, I) is dark and q(z) is not, it has a hole.",
            of_prior=True,
        ),
        "traversals": Card(
            "vmi.pictures.tiles:traversals",
            name="Traversals of the code",
            reading="The code of one image with a dimension a row moved from −3 to 3, the most "
            "informed of the image first, and then the category through its values.",
        ),
        "sweeps": Card(
            "vmi.pictures.sweeps:sweeps",
            name="Sweeps of reconstructions, −5 to 5",
            numbered="Sweeps of reconstructions, −# to #",
            reading=f"At the left images, beside each its reconstruction {SWEEP}",
        ),
        "sweeps-prior": Card(
            "vmi.pictures.sweeps:sweeps_prior",
            name="Sweeps of prior draws, −5 to 5",
            numbered="Sweeps of prior draws, −# to #",
            reading=f"At the left decoded draws of the prior, beside each the draw {SWEEP}",
            of_prior=True,
        ),
        "grid": Card(
            "vmi.pictures.sweeps:grid",
            name="Gaussian dimensions 0 and 1, −5 to 5",
            numbered="Gaussian dimensions 0 and 1, −# to #",
            reading="Dimension 0 from left to right, dimension 1 from top to bottom; the other "
            "dimensions at 0, and the first value of each category.",
        ),
        "classes": Card(
            "vmi.pictures.classes:classes",
            name="Labels by value of the category",
            reading="Of a hundred images whose most probable value is that of the row, how many "
            "have each label; the number of images stands in brackets.",
        ),
        "network": Card(
            "vmi.pictures.network:network",
            name="Code and factors",
            reading="The Markov network of the code's dimensions, z Gaussian and c categories, and "
            "the factors: blue a one-to-one pairing, orange what is beyond it, grey edges within "
            "the code or within the factors.",
        ),
    },
)
