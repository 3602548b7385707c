# What the suites of a kind make beside their cohorts: the names stand in `Kind.products`.
rule describe:
    output:
        WHERE.data("{task}"),
    log:
        WHERE.log("describe", "{task}"),
    conda:
        "../../environment.yml"
    params:
        suite=lambda wildcards: SUITE_NAME,
        made=lambda wildcards: of_description(SUITE, wildcards.task),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi describe --suite {params.suite:q}"
        " --task {wildcards.task:q} > {log:q} 2>&1"


rule compare:
    input:
        lambda wildcards: each_cohort(tasks=[wildcards.task]),
    output:
        WHERE.seeds("{task}"),
    log:
        WHERE.log("compare", "{task}"),
    conda:
        "../../environment.yml"
    params:
        suite=lambda wildcards: SUITE_NAME,
        made=lambda wildcards: of_comparison(SUITE, wildcards.task),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi compare --suite {params.suite:q}"
        " --task {wildcards.task:q} > {log:q} 2>&1"


rule verify:
    output:
        WHERE.verify,
    log:
        WHERE.log("verify"),
    conda:
        "../../environment.yml"
    params:
        made=lambda wildcards: of_verification(),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi verify --output {output:q} > {log:q} 2>&1"


rule ladder:
    output:
        WHERE.ladder,
    log:
        WHERE.log("ladder"),
    conda:
        "../../environment.yml"
    params:
        made=lambda wildcards: of_verification(),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi ladder --output {output:q} > {log:q} 2>&1"


# What is made, and what of it has rows for records.csv.
PRODUCTS = {
    "describe": expand(rules.describe.output[0], task=SUITE.tasks),
    "compare": expand(rules.compare.output[0], task=compared_tasks(SUITE)),
    "verify": rules.verify.output if SUITE.verified else [],
    "ladder": rules.ladder.output if SUITE.verified else [],
}
MADE = [path for name in SUITE.kind.products for path in PRODUCTS[name]]
