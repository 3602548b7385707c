rule pictures:
    input:
        trained=lambda wildcards: first_trained(rules.train.output.trained, wildcards),
        checkpoints=lambda wildcards: first_trained(
            rules.train.output.checkpoints, wildcards
        ),
    output:
        directory(f"{RESULTS}/pictures/{{dataset}}/{{model}}"),
    log:
        f"{RESULTS}/logs/pictures/{{dataset}}/{{model}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        made=of_pictures(SUITE),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi pictures --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --trained {input.trained:q} --checkpoints {input.checkpoints:q}"
        " --output {output:q} 2> {log:q}"


SHOWN = [
    *rules.history.output,
    *expand(rules.data.output[0], dataset=SUITE.datasets),
    *expand(rules.pictures.output[0], dataset=SUITE.datasets, model=SUITE.models),
]
