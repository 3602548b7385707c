rule evaluate:
    input:
        checkpoints=rules.train.output,
        codes=rules.encode.output,
    output:
        f"{RESULTS}/records/{{dataset}}/{{model}}/{{cohort}}/{{family}}.csv",
    log:
        f"{RESULTS}/logs/evaluate/{{dataset}}/{{model}}/{{cohort}}/{{family}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        metrics=lambda wildcards: SUITE.families()[wildcards.family],
        images=lambda wildcards: (
            SUITE.likelihood_images if wildcards.family == "likelihood" else None
        ),
        sources=lambda wildcards: evaluation_sources(SUITE.families()[wildcards.family]),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi evaluate --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --seeds {wildcards.cohort} --checkpoints {input.checkpoints:q}"
        " --codes {input.codes:q} --family {wildcards.family} --output {output:q}"
        " 2> {log:q}"


rule compare:
    input:
        checkpoints=lambda wildcards: its_cohorts(rules.train.output[0], wildcards),
        codes=lambda wildcards: its_cohorts(rules.encode.output[0], wildcards),
    output:
        f"{RESULTS}/records/{{dataset}}/{{model}}/seeds.csv",
    log:
        f"{RESULTS}/logs/compare/{{dataset}}/{{model}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        seeds=SEEDS,
        metrics=SUITE.families().get("seeds"),
        sources=evaluation_sources(SUITE.families().get("seeds", [])),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi compare --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --trained {input.checkpoints:q} --encoded {input.codes:q} --output {output:q}"
        " 2> {log:q}"


rule history:
    input:
        each_cohort(rules.train.output[0]),
    output:
        f"{RESULTS}/history.csv",
    log:
        f"{RESULTS}/logs/history.log",
    conda:
        "../../environment.yml"
    params:
        seeds=SEEDS,
        files=lambda wildcards, input: [f"{folder}/history.csv" for folder in input],
    shell:
        "python -m vmi gather --inputs {params.files:q} --seeds {params.seeds}"
        " --output {output:q} 2> {log:q}"


MEASURED = each_cohort(
    rules.evaluate.output[0],
    family=[family for family in SUITE.families() if family != "seeds"],
)
if "seeds" in SUITE.families():
    MEASURED += expand(
        rules.compare.output[0], dataset=SUITE.datasets, model=SUITE.models
    )
