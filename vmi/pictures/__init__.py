"""Pictures of a frozen model: functions of what they ask for by name, that give an image.

`OFFERED` is what a picture may ask for by the names of its positional parameters: the frozen
`model`, the evaluation `split` as every metric sees it, and the `dataset` that it is of. It returns
an image (1 or 3, H, W) with pixels in [0, 1], or rows of such, (R, Q, 1 or 3, H, W), and raises
`vmi.errors.NotApplicable` where it has no meaning for the model or the data.
"""

from vmi.registry import Registry

__all__ = ["OFFERED", "PICTURES"]

OFFERED = ("model", "split", "dataset")

PICTURES = Registry(
    "picture",
    {
        "reconstructions": "vmi.pictures.tiles:reconstructions",
        "samples": "vmi.pictures.tiles:samples",
        "traversals": "vmi.pictures.tiles:traversals",
        "sweeps": "vmi.pictures.sweeps:sweeps",
        "sweeps-prior": "vmi.pictures.sweeps:sweeps_prior",
        "grid": "vmi.pictures.sweeps:grid",
        "classes": "vmi.pictures.classes:classes",
    },
)
