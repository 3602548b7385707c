"""Metrics of codes: plain functions of codes, labels and factors."""

from vmi.cards import Card
from vmi.registry import Registry

__all__ = ["ACROSS_SEEDS", "METRICS"]

FACTORS = {"heading": "Disentanglement"}
CODE = {"heading": "Use of the code"}
PRIOR = {"heading": "The prior and the aggregate posterior", "of_prior": True}

METRICS = Registry(
    "metric",
    {
        # by counting
        "mig": Card(
            "vmi.metrics.mig:mig",
            name="MIG",
            better="up",
            reading="the mutual information gap, 1 where each factor of variation is held by one "
            "coordinate of the code alone, and 0 where two hold it equally; it needs known "
            "factors.",
            headline=True,
            **FACTORS,
        ),
        "mig-quantile": Card(
            "vmi.metrics.mig:mig_quantile",
            name="MIG, quantile bins",
            better="up",
            reading="the MIG with bins that hold as many codes each, so that no outlier matters.",
            **FACTORS,
        ),
        "mig-posterior": Card(
            "vmi.metrics.mig:mig_posterior",
            name="MIG, posteriors",
            reading="the MIG of samples of the posteriors, without bins.",
            **FACTORS,
        ),
        "mig-binned-factors": Card(
            "vmi.metrics.mig:mig_binned_factors",
            name="MIG, factors binned",
            reading="the MIG of factors that are binned as the codes are.",
            **FACTORS,
        ),
        "mig-binned-factors-quantile": Card(
            "vmi.metrics.mig:mig_binned_factors_quantile",
            name="MIG, factors binned, quantiles",
            reading="the MIG of factors that are binned as the codes are, as many in each bin.",
            **FACTORS,
        ),
        "mig-code-entropy": Card(
            "vmi.metrics.mig:mig_code_entropy",
            name="MIG / H(code)",
            reading="the MIG with each information over the entropy of its dimension.",
            **FACTORS,
        ),
        "mig-code-entropy-quantile": Card(
            "vmi.metrics.mig:mig_code_entropy_quantile",
            name="MIG / H(code), quantiles",
            reading="the MIG with each information over the entropy of its dimension, in bins that "
            "hold as many each.",
            **FACTORS,
        ),
        "mig-sup": Card(
            "vmi.metrics.gaps:mig_sup",
            name="MIG-sup",
            better="up",
            reading="how far the best factor of a dimension is ahead of its second, from 0 to 1.",
            **FACTORS,
        ),
        "mig-sup-code-entropy": Card(
            "vmi.metrics.gaps:mig_sup_code_entropy",
            name="MIG-sup / H(code)",
            reading="MIG-sup with each information over the entropy of its dimension.",
            **FACTORS,
        ),
        "jemmig": Card(
            "vmi.metrics.gaps:jemmig",
            name="JEMMIG",
            reading="the joint entropy of a factor and its dimension less the MIG, scaled so that "
            "1 is best; the raw number is best at 0.",
            **FACTORS,
        ),
        "dcimig": Card(
            "vmi.metrics.gaps:dcimig",
            name="DCIMIG",
            reading="the gaps of the dimensions, each factor keeping its best, from 0 to 1.",
            **FACTORS,
        ),
        "modularity": Card(
            "vmi.metrics.modularity:modularity",
            name="modularity",
            better="up",
            reading="1 where each dimension tells of one factor alone.",
            parts={"informative": Card(name="modularity, silent dimensions out")},
            **FACTORS,
        ),
        "irs": Card(
            "vmi.metrics.irs:irs",
            name="IRS",
            reading="how little a dimension moves while its factor stays and all others change, "
            "from 0 to 1.",
            **FACTORS,
        ),
        "infomec": Card(
            "vmi.metrics.infomec:infomec",
            name="InfoMEC",
            better="up",
            reading="the mean of modularity, explicitness and compactness, each from 0 to 1.",
            parts={
                "modularity": Card(name="InfoM"),
                "explicitness": Card(name="InfoE"),
                "compactness": Card(name="InfoC"),
            },
            **FACTORS,
        ),
        "network": Card(
            "vmi.learners.bridge:network",
            name="one-to-one edges",
            better="up",
            reading="in the Markov network of the code's dimensions and the factors, the share of "
            "the edges between the two that a one-to-one pairing keeps.",
            when_named=True,
            parts={
                "recall": Card(name="factors with a dimension of their own", better="up"),
                "edges": Card(name="edges, dimension and factor"),
                "within": Card(name="edges, two dimensions"),
            },
            **FACTORS,
        ),
        # by predicting
        "dci": Card(
            "vmi.metrics.dci:dci",
            name="DCI disentanglement",
            better="up",
            reading="1 where each dimension is of use to predict one factor alone; completeness is "
            "the same the other way round.",
            parts={
                "completeness": Card(name="DCI completeness"),
                "informativeness": Card(name="DCI informativeness"),
            },
            **FACTORS,
        ),
        "dci-boosted": Card(
            "vmi.metrics.dci:dci_boosted",
            name="DCI disentanglement, boosted",
            reading="the DCI by boosted trees, as first published.",
            when_named=True,
            parts={
                "completeness": Card(name="DCI completeness, boosted"),
                "informativeness": Card(name="DCI informativeness, boosted"),
            },
            **FACTORS,
        ),
        "dci-histogram": Card(
            "vmi.metrics.dci:dci_histogram",
            name="DCI disentanglement, boosted on histograms",
            reading="the DCI by boosted trees on histograms, in seconds: it ranks codes as the "
            "first published one, and is another number.",
            parts={
                "completeness": Card(name="DCI completeness, boosted on histograms"),
                "informativeness": Card(name="DCI informativeness, boosted on histograms"),
            },
            **FACTORS,
        ),
        "sap": Card(
            "vmi.metrics.sap:sap",
            name="SAP",
            better="up",
            reading="the gap between the two dimensions that predict a factor best, from 0 to 1.",
            **FACTORS,
        ),
        "explicitness": Card(
            "vmi.metrics.explicitness:explicitness",
            name="explicitness",
            reading="how well linear classifiers on the code rank each value of a factor, from 0 "
            "to 1.",
            **FACTORS,
        ),
        "explicitness-multinomial": Card(
            "vmi.metrics.explicitness:explicitness_multinomial",
            name="explicitness, multinomial",
            reading="how well one multinomial regression on the code ranks each value of a factor, "
            "as disentanglement_lib has it: from .5, which is chance, to 1.",
            **FACTORS,
        ),
        "explicitness-one-vs-rest": Card(
            "vmi.metrics.explicitness:explicitness_one_vs_rest",
            name="explicitness, one against the rest",
            reading="how well balanced regressions, whose probabilities sum to 1, rank each value "
            "of a factor, from 0 to 1.",
            **FACTORS,
        ),
        "beta-vae-score": Card(
            "vmi.metrics.interventions:beta_vae_score",
            name="β-VAE score",
            reading="how well a linear classifier tells which factor pairs of images share.",
            **FACTORS,
        ),
        "factor-vae-score": Card(
            "vmi.metrics.interventions:factor_vae_score",
            name="FactorVAE score",
            reading="how well the steadiest dimension tells which factor was held fixed.",
            **FACTORS,
        ),
        # of a categorical code
        "accuracy-majority": Card(
            "vmi.metrics.accuracy:accuracy_majority",
            name="accuracy, majority label",
            better="up",
            reading="each value of the code is given the label most common in it; the share of "
            "images that then have theirs.",
            headline=True,
            **CODE,
        ),
        "accuracy-hungarian": Card(
            "vmi.metrics.accuracy:accuracy_hungarian",
            name="accuracy, one-to-one",
            better="up",
            reading="the share of images that are right under the best one-to-one naming of the "
            "values.",
            **CODE,
        ),
        "accuracy-one-to-one": Card(
            "vmi.metrics.accuracy:accuracy_one_to_one",
            name="accuracy, one-to-one, fitted in training",
            better="up",
            reading="the share of images that are right under a one-to-one naming that was fitted "
            "on the training images.",
            **CODE,
        ),
        "nmi": Card(
            "vmi.metrics.accuracy:nmi",
            name="NMI",
            better="up",
            reading="the mutual information of the code's value and the label, normalised to 0 to "
            "1.",
            **CODE,
        ),
        "ari": Card(
            "vmi.metrics.accuracy:ari",
            name="ARI",
            better="up",
            reading="the adjusted Rand index of the code's values and the labels, 0 by chance.",
            **CODE,
        ),
        "linear-probe": Card(
            "vmi.metrics.probe:linear_probe",
            name="accuracy, linear probe",
            better="up",
            reading="the accuracy of a logistic regression from the code to the labels.",
            **CODE,
        ),
        # of the code alone
        "active-units": Card(
            "vmi.metrics.units:active_units",
            name="active units",
            reading="the number of Gaussian dimensions whose mean varies with the image.",
            **CODE,
        ),
        # of the prior
        "prior-mmd": Card(
            "vmi.metrics.two_samples:prior_mmd",
            name="MMD², codes and prior",
            better="down",
            reading="the squared maximum mean discrepancy of the codes and draws of the prior, 0 "
            "where they are distributed alike.",
            **PRIOR,
        ),
        "prior-classifier": Card(
            "vmi.metrics.two_samples:prior_classifier",
            name="accuracy, codes against prior",
            better="down",
            reading="how often boosted trees tell a code from a draw of the prior; .5 is chance.",
            **PRIOR,
        ),
        "frechet": Card(
            "vmi.metrics.frechet:frechet",
            name="Fréchet distance of samples",
            better="down",
            reading="how far decoded draws of the prior are from images, in the features of a "
            "small classifier that was trained on the same data; its floor is what images of the "
            "data themselves score.",
            parts={
                "floor": Card(name="Fréchet distance of two halves of the images"),
                "accuracy": Card(name="accuracy of the classifier"),
            },
            **PRIOR,
        ),
        "discriminator": Card(
            "vmi.metrics.resampling:discriminator",
            name="accuracy of the discriminator",
            reading="how often the discriminator of a noise-contrastive prior is right on images "
            "that it was not fitted to.",
            parts={
                "cross-entropy": Card(name="its cross-entropy", unit="nats"),
                "log-z": Card(name="log Z of its odds", unit="nats"),
                "log-z-#": Card(name="log Z of its odds, group #", unit="nats"),
                "log-z-spread-#": Card(name="spread of log Z, group #", unit="nats"),
                "inverse": Card(name="E 1 / r of the codes"),
                "donsker-varadhan": Card(name="KL(q(z) ‖ N(0, I)) ≥, DV", unit="nats"),
            },
            **PRIOR,
        ),
        "resampling": Card(
            "vmi.metrics.resampling:resampling",
            name="effective share of the proposals",
            reading="which share of the proposals of a noise-contrastive prior counts.",
            parts={
                "effective-#": Card(name="effective proposals, M = #"),
                "distinct-#": Card(name="distinct of M draws, M = #"),
                "won-#": Card(name="nats won, M = #", unit="nats"),
            },
            **PRIOR,
        ),
        "langevin": Card(
            "vmi.metrics.resampling:langevin_acceptance",
            name="acceptance, Langevin",
            numbered="acceptance, Langevin, # steps",
            reading="the share of moves of Langevin dynamics that are accepted.",
            **PRIOR,
        ),
        # of the training alone
        "temperature": Card(
            "vmi.metrics.temperature:temperature",
            name="temperature, mean of the steps",
            heading="The relaxation of the category",
            reading="how soft the category was in training: near 0 it is a choice.",
            parts={
                "moved": Card(name="temperature, share of steps below the start"),
                "last": Card(name="temperature, last step"),
            },
        ),
    },
)

# Of all seeds of a model at once, an estimate a seed; asked for by the name `seed_codes`.
ACROSS_SEEDS = Registry(
    "metric",
    {
        "udr": Card(
            "vmi.metrics.udr:udr",
            name="UDR",
            reading="how well the dimensions of other seeds match a seed's own, one for one.",
            **FACTORS,
        ),
        "udr-spearman": Card(
            "vmi.metrics.udr:udr_spearman",
            name="UDR, rank correlation",
            reading="how well the dimensions of other seeds match a seed's own by their ranks, one "
            "for one.",
            **FACTORS,
        ),
    },
)
