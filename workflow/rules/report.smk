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


rule report:
    input:
        records=rules.records.output,
        history=rules.history.output,
        data=expand(rules.data.output[0], dataset=SUITE.datasets),
        pictures=rules.pictures.output,
    output:
        page=f"{RESULTS}/report.html",
        manifest=f"{RESULTS}/manifest.json",
        tables=directory(f"{RESULTS}/tables"),
        figures=directory(f"{RESULTS}/figures"),
    log:
        f"{RESULTS}/logs/report.log",
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        results=lambda wildcards, output: str(Path(output[0]).parent),
        title=SUITE.title,
        description=SUITE.description,
        models=list(SUITE.models),
        datasets=list(SUITE.datasets),
        sources=report_sources(),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi report --suite {params.suite:q}"
        " --results {params.results:q} 2> {log:q}"
