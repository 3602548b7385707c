"""Pictures of a frozen model: each is a function of (model, split) and gives an image."""

from vmi.registry import Registry

__all__ = ["PICTURES"]

PICTURES = Registry(
    "picture",
    {
        "reconstructions": "vmi.pictures.tiles:reconstructions",
        "samples": "vmi.pictures.tiles:samples",
        "traversals": "vmi.pictures.tiles:traversals",
    },
)
