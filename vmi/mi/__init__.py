"""Mutual information in nats: of a model's codes, and of two arrays."""

from vmi.registry import Registry

__all__ = ["ESTIMATORS", "INFORMATION"]

# Of a model's codes.
INFORMATION = Registry(
    "metric",
    {
        "information": "vmi.mi.aggregate:information",
        "information-gaussian": "vmi.mi.aggregate:information_gaussian",
        "information-categorical": "vmi.mi.aggregate:information_categorical",
        "information-chosen": "vmi.mi.aggregate:information_chosen",
        "information-dimensions": "vmi.mi.aggregate:information_dimensions",
        "information-decoder": "vmi.mi.decoder:information_decoder",
        "decomposition": "vmi.mi.decomposition:decomposition",
        "decomposition-stratified": "vmi.mi.decomposition:decomposition_stratified",
        "vmi-bound": "vmi.mi.bound:vmi_bound",
    },
)

# Of two arrays: functions of (x, y), and of z to condition on or of a generator where they want it.
ESTIMATORS = Registry(
    "estimator",
    {
        "ksg": "vmi.mi.neighbours:ksg",
        "ksg2": "vmi.mi.neighbours:ksg2",
        "mixed-ksg": "vmi.mi.neighbours:mixed_ksg",
        "conditional-ksg": "vmi.mi.neighbours:conditional_ksg",
        "plug-in": "vmi.mi.discrete:plug_in",
        "miller-madow": "vmi.mi.discrete:miller_madow",
        "cca": "vmi.mi.cca:cca",
        "ba": "vmi.mi.predictive:ba",
        "doe": "vmi.mi.predictive:doe",
        "club": "vmi.mi.predictive:club",
        "dv": "vmi.mi.variational:dv",
        "mine": "vmi.mi.variational:mine",
        "nwj": "vmi.mi.variational:nwj",
        "nwj-js": "vmi.mi.variational:nwj_js",
        "tuba": "vmi.mi.variational:tuba",
        "infonce": "vmi.mi.variational:infonce",
        "interpolated": "vmi.mi.variational:interpolated",
        "smile": "vmi.mi.variational:smile",
        "minde": "vmi.mi.minde:minde",
    },
)
