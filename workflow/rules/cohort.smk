rule train:
    input:
        # Ancient: the data must be there, but describing it anew trains nothing anew.
        ancient(f"{RESULTS}/data/{{dataset}}.json"),
    output:
        trained=directory(f"{RESULTS}/train/{{dataset}}/{{model}}/{{cohort}}"),
        checkpoints=directory(f"{RESULTS}/checkpoints/{{dataset}}/{{model}}/{{cohort}}"),
    log:
        f"{RESULTS}/logs/train/{{dataset}}/{{model}}/{{cohort}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        device=DEVICE,
        made=lambda wildcards: of_training(SUITE, wildcards.dataset, wildcards.model),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi train --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --seeds {wildcards.cohort} --device {params.device:q}"
        " --output {output.trained:q} --checkpoints {output.checkpoints:q} 2> {log:q}"


rule encode:
    input:
        trained=rules.train.output.trained,
        checkpoints=rules.train.output.checkpoints,
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
        " --seeds {wildcards.cohort} --trained {input.trained:q}"
        " --checkpoints {input.checkpoints:q} --output {output:q} 2> {log:q}"
