rule data:
    output:
        f"{RESULTS}/data/{{dataset}}.json",
    log:
        f"{RESULTS}/logs/data/{{dataset}}.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        dataset=lambda wildcards: SUITE.datasets[wildcards.dataset],
        sources=lambda wildcards: data_sources(
            SUITE.datasets[wildcards.dataset]["dataset"]
        ),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi data --suite {params.suite:q}"
        " --dataset {wildcards.dataset:q} --output {output:q} 2> {log:q}"
