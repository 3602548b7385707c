rule pictures:
    input:
        lambda wildcards: first_trained(wildcards.dataset, wildcards.model),
    output:
        directory(f"{RESULTS}/pictures/{{dataset}}/{{model}}"),
    log:
        f"{RESULTS}/logs/pictures/{{dataset}}/{{model}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        seed=SUITE.seeds[0],
        pictures=SUITE.pictures,
        sources=picture_sources(SUITE.pictures),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi pictures --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --model {wildcards.model:q}"
        " --checkpoints {input:q} --output {output:q} 2> {log:q}"


SHOWN = [
    *rules.history.output,
    *expand(rules.data.output[0], dataset=SUITE.datasets),
    *expand(rules.pictures.output[0], dataset=SUITE.datasets, model=SUITE.models),
]
