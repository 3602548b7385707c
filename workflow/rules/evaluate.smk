rule evaluate:
    input:
        trained=rules.train.output.trained,
        checkpoints=rules.train.output.checkpoints,
        codes=rules.encode.output,
    output:
        f"{RESULTS}/records/{{dataset}}/{{model}}/{{cohort}}/{{family}}.csv",
    log:
        f"{RESULTS}/logs/evaluate/{{dataset}}/{{model}}/{{cohort}}/{{family}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        made=lambda wildcards: of_evaluation(SUITE, wildcards.family),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi evaluate --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --seeds {wildcards.cohort} --trained {input.trained:q}"
        " --checkpoints {input.checkpoints:q}"
        " --codes {input.codes:q} --family {wildcards.family} --output {output:q}"
        " 2> {log:q}"


rule compare:
    input:
        cohorts=lambda wildcards: its_cohorts(rules.train.output.trained, wildcards),
        codes=lambda wildcards: its_cohorts(rules.encode.output[0], wildcards),
    output:
        f"{RESULTS}/records/{{dataset}}/{{model}}/seeds.csv",
    log:
        f"{RESULTS}/logs/compare/{{dataset}}/{{model}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        made=of_comparison(SUITE),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi compare --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --cohorts {input.cohorts:q} --encoded {input.codes:q} --output {output:q}"
        " 2> {log:q}"


rule history:
    input:
        each_cohort(rules.train.output.trained),
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
