"""Metrics of codes: plain functions of codes, labels and factors."""

from vmi.registry import Registry

__all__ = ["ACROSS_SEEDS", "METRICS"]

METRICS = Registry(
    "metric",
    {
        # by counting
        "mig": "vmi.metrics.mig:mig",
        "mig-quantile": "vmi.metrics.mig:mig_quantile",
        "mig-posterior": "vmi.metrics.mig:mig_posterior",
        "mig-binned-factors": "vmi.metrics.mig:mig_binned_factors",
        "mig-binned-factors-quantile": "vmi.metrics.mig:mig_binned_factors_quantile",
        "mig-code-entropy": "vmi.metrics.mig:mig_code_entropy",
        "mig-code-entropy-quantile": "vmi.metrics.mig:mig_code_entropy_quantile",
        "mig-sup": "vmi.metrics.gaps:mig_sup",
        "jemmig": "vmi.metrics.gaps:jemmig",
        "dcimig": "vmi.metrics.gaps:dcimig",
        "modularity": "vmi.metrics.modularity:modularity",
        "irs": "vmi.metrics.irs:irs",
        "infomec": "vmi.metrics.infomec:infomec",
        # by predicting
        "dci": "vmi.metrics.dci:dci",
        "dci-boosted": "vmi.metrics.dci:dci_boosted",
        "sap": "vmi.metrics.sap:sap",
        "explicitness": "vmi.metrics.explicitness:explicitness",
        "beta-vae-score": "vmi.metrics.interventions:beta_vae_score",
        "factor-vae-score": "vmi.metrics.interventions:factor_vae_score",
        # of a categorical code
        "accuracy-majority": "vmi.metrics.accuracy:accuracy_majority",
        "accuracy-hungarian": "vmi.metrics.accuracy:accuracy_hungarian",
        "accuracy-one-to-one": "vmi.metrics.accuracy:accuracy_one_to_one",
        "nmi": "vmi.metrics.accuracy:nmi",
        "ari": "vmi.metrics.accuracy:ari",
        "linear-probe": "vmi.metrics.probe:linear_probe",
        # of the code alone
        "active-units": "vmi.metrics.units:active_units",
        # of the training alone
        "temperature": "vmi.metrics.temperature:temperature",
    },
)

# Of all seeds of a model at once, an estimate a seed; asked for by the name `seed_codes`.
ACROSS_SEEDS = Registry(
    "metric",
    {
        "udr": "vmi.metrics.udr:udr",
        "udr-spearman": "vmi.metrics.udr:udr_spearman",
    },
)
