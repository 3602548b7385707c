rule pictures:
    input:
        [path for cell in COHORTS for path in first_trained(*cell)],
    output:
        directory(f"{RESULTS}/pictures"),
    log:
        f"{RESULTS}/logs/pictures.log",
    params:
        seed=SUITE.seeds[0],
        sources=picture_sources(),
    shell:
        "OMP_NUM_THREADS={threads} {VMI} pictures --suite {SUITE_NAME:q}"
        " --checkpoints {RESULTS:q}/train --output {output:q} 2> {log:q}"


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
    params:
        title=SUITE.title,
        description=SUITE.description,
        models=list(SUITE.models),
        datasets=list(SUITE.datasets),
        sources=report_sources(),
    shell:
        "OMP_NUM_THREADS={threads} {VMI} report --suite {SUITE_NAME:q}"
        " --results {RESULTS:q} 2> {log:q}"
