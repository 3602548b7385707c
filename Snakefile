# A bare `snakemake` runs the suite `demo`; `snakemake --config suite=NAME` runs another.
include: "workflow/Snakefile"


rule default:
    default_target: True
    input:
        rules.all.input,
