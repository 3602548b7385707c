"""Mutual information of a model's codes, in nats."""

from vmi.registry import Registry

__all__ = ["INFORMATION"]

INFORMATION = Registry(
    "metric",
    {
        "information": "vmi.mi.aggregate:information",
        "information-gaussian": "vmi.mi.aggregate:information_gaussian",
        "information-categorical": "vmi.mi.aggregate:information_categorical",
        "vmi-bound": "vmi.mi.bound:vmi_bound",
    },
)
