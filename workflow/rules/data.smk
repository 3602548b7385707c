rule data:
    output:
        f"{RESULTS}/data/{{dataset}}.json",
    log:
        f"{RESULTS}/logs/data/{{dataset}}.log",
    params:
        dataset=lambda wildcards: SUITE.datasets[wildcards.dataset],
    shell:
        "OMP_NUM_THREADS={threads} {VMI} data --suite {SUITE_NAME:q}"
        " --dataset {wildcards.dataset:q} --output {output:q} 2> {log:q}"
