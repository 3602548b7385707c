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
        suite=lambda wildcards: SUITE_NAME,
        seeds=SUITE.seeds,
        measures=lambda wildcards: SUITE.measures,
    shell:
        "python -m vmi gather --suite {params.suite:q} > {log:q} 2>&1"


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
        suite=lambda wildcards: SUITE_NAME,
        made=lambda wildcards: of_report(SUITE),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi report --suite {params.suite:q} > {log:q} 2>&1"
