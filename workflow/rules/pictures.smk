rule pictures:
    input:
        [path for cell in COHORTS for path in first_trained(*cell)],
    output:
        directory(f"{RESULTS}/pictures"),
    log:
        f"{RESULTS}/logs/pictures.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        seed=SUITE.seeds[0],
        sources=picture_sources(),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi pictures --suite {params.suite:q}"
        " --trained {input:q} --output {output:q} 2> {log:q}"


SHOWN = [
    *rules.history.output,
    *expand(rules.data.output[0], dataset=SUITE.datasets),
    *rules.pictures.output,
]
