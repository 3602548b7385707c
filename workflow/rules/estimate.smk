rule estimate:
    output:
        f"{RESULTS}/records/{{group}}/{{estimator}}.csv",
    log:
        f"{RESULTS}/logs/estimate/{{group}}/{{estimator}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        seeds=SUITE.seeds,
        sizes=SUITE.sizes,
        tasks=lambda wildcards: SUITE.tasks[wildcards.group],
        estimator=lambda wildcards: SUITE.find_estimator(wildcards.estimator),
        sources=lambda wildcards: estimation_sources(
            SUITE.find_estimator(wildcards.estimator), SUITE.tasks[wildcards.group]
        ),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi estimate --suite {params.suite:q}"
        " --group {wildcards.group:q} --estimator {wildcards.estimator:q}"
        " --output {output:q} 2> {log:q}"


rule verify:
    output:
        f"{RESULTS}/verify.csv",
    log:
        f"{RESULTS}/logs/verify.log",
    conda:
        "../../environment.yml"
    params:
        sources=verification_sources(),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi verify --output {output:q} > {log:q} 2>&1"


rule ladder:
    output:
        f"{RESULTS}/ladder.csv",
    log:
        f"{RESULTS}/logs/ladder.log",
    conda:
        "../../environment.yml"
    params:
        sources=verification_sources(),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi ladder --output {output:q} 2> {log:q}"


MEASURED = expand(
    rules.estimate.output[0],
    group=SUITE.tasks,
    estimator=map(row_name, SUITE.estimators),
)
SHOWN = [*rules.verify.output, *rules.ladder.output] if SUITE.verified else []
