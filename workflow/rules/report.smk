rule gather:
    input:
        each_cohort(),
        [path for path in MADE if path in PRODUCTS["compare"]],
    output:
        **({"history": WHERE.history} if "fit" in SUITE.kind.stages else {}),
        records=WHERE.records,
    log:
        WHERE.log("gather"),
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        seeds=SUITE.seeds,
        measures=SUITE.measures,
    shell:
        "python -m vmi gather --suite {params.suite:q} 2> {log:q}"


rule report:
    input:
        rules.gather.output,
        MADE,
    output:
        **({"claims": WHERE.claims} if SUITE.claims else {}),
        page=WHERE.report,
        manifest=WHERE.manifest,
        tables=directory(WHERE.tables),
        figures=directory(WHERE.figures),
    log:
        WHERE.log("report"),
    conda:
        "../../environment.yml"
    params:
        suite=SUITE_NAME,
        made=of_report(SUITE),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi report --suite {params.suite:q} 2> {log:q}"
