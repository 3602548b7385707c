rule train:
    input:
        # Ancient: the data must be there, but describing it anew trains nothing anew.
        ancient(f"{RESULTS}/data/{{dataset}}.json"),
    output:
        directory(f"{RESULTS}/train/{{dataset}}/{{model}}/{{cohort}}"),
    log:
        f"{RESULTS}/logs/train/{{dataset}}/{{model}}/{{cohort}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        device=DEVICE,
        cell=lambda wildcards: SUITE.cell(wildcards.dataset, wildcards.model),
        sources=lambda wildcards: training_sources(
            SUITE.datasets[wildcards.dataset]["dataset"],
            SUITE.models[wildcards.model]["model"],
        ),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi train --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --seeds {wildcards.cohort} --device {params.device:q} --output {output:q} 2> {log:q}"


rule encode:
    input:
        rules.train.output,
    output:
        directory(f"{RESULTS}/codes/{{dataset}}/{{model}}/{{cohort}}"),
    log:
        f"{RESULTS}/logs/encode/{{dataset}}/{{model}}/{{cohort}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        sources=evaluation_sources([]),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi encode --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --seeds {wildcards.cohort} --checkpoints {input:q} --output {output:q} 2> {log:q}"
