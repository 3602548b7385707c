"""Metrics of codes: plain functions of codes, labels and factors."""

from vmi.registry import Registry

__all__ = ["METRICS"]

METRICS = Registry(
    "metric",
    {
        "accuracy-majority": "vmi.metrics.accuracy:accuracy_majority",
        "active-units": "vmi.metrics.units:active_units",
        "mig": "vmi.metrics.mig:mig",
    },
)
