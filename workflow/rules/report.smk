# What is MEASURED and SHOWN is said by the rules of the suite's kind.
rule records:
    input:
        MEASURED,
    output:
        f"{RESULTS}/records.csv",
    log:
        f"{RESULTS}/logs/records.log",
    conda:
        "../../environment.yml"
    params:
        seeds=SEEDS,
    shell:
        "python -m vmi gather --inputs {input:q} --seeds {params.seeds} --output {output:q}"
        " 2> {log:q}"


rule report:
    input:
        records=rules.records.output,
        shown=SHOWN,
    output:
        **({"claims": f"{RESULTS}/claims.md"} if SUITE.claims else {}),
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
        models=[*SUITE.models, *SUITE.estimators],
        datasets=[*SUITE.datasets, *SUITE.tasks],
        claims=SUITE.claims,
        shown=[SUITE.groups, SUITE.arms, SUITE.pictures],
        sources=report_sources(),
    shell:
        "OMP_NUM_THREADS={threads} python -m vmi report --suite {params.suite:q}"
        " --results {params.results:q} 2> {log:q}"
