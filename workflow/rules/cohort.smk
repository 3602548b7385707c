# One job does all that is due of a cohort: `vmi.stages.cohort` goes from stage to stage and leaves
# alone what stands, so that a process starts once and nothing is made twice.
rule cohort:
    output:
        WHERE.cell("{task}", "{method}", "{cohort}").done,
    log:
        WHERE.log("{task}", "{method}", "{cohort}"),
    # Suites name the plain before the costly, and the longest job should not begin last; what is
    # short and no cohort fills the gap at the end.
    priority: lambda wildcards: 1 + BY_COST[wildcards.method, wildcards.task]
    conda:
        "../../environment.yml"
    # This machine takes a cohort a core; what a scheduler is asked for is the cohort's own.
    threads: lambda wildcards: needs(*wildcards).cores if scheduled() else 1
    resources:
        due=what_is_due,
        runtime=lambda wildcards, attempt: needs(*wildcards).at(attempt).minutes,
        mem_mb=lambda wildcards, attempt: needs(*wildcards).at(attempt).mb,
        gres=lambda wildcards: "gpu:1" if needs(*wildcards).gpus else None,
    params:
        suite=lambda wildcards: SUITE_NAME,
        device=lambda wildcards: DEVICE,
        made=lambda wildcards: made_from(*wildcards),
    message:
        "{wildcards.method} on {wildcards.task}, seeds {wildcards.cohort}{resources.due}"
    shell:
        # Asked to end before a time limit, a job writes its state and ends with 75: the shell, which
        # is asked too, waits for that. The state is no output, which Snakemake would remove.
        "trap : TERM; OMP_NUM_THREADS={threads} python -m vmi cohort --suite {params.suite:q}"
        " --task {wildcards.task:q} --method {wildcards.method:q} --seeds {wildcards.cohort}"
        " --device {params.device:q} > {log:q} 2>&1"
        # A plug-in can end the process, and well at that, before the last stage is done.
        " && test -e {output:q}"
