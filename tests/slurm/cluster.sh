#!/usr/bin/env bash
# A real Slurm of two nodes on this machine, on loopback alone and without systemd, for the tests.
#
#   cluster.sh install          Debian's packages; as root
#   cluster.sh start FOLDER     munge, slurmctld and the nodes n1 and n2; all they keep is in FOLDER
#   cluster.sh node FOLDER N    starts a node that was killed
#   cluster.sh stop FOLDER      ends them and their jobs
#
# `source FOLDER/environment` lets sbatch and its kin find it.
set -euo pipefail

USAGE="usage: cluster.sh install | start FOLDER | node FOLDER NAME | stop FOLDER"
NODES=(n1 n2)
FIRST_PORT=${VMI_SLURM_PORT:-17870}

install() {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends \
        munge slurmctld slurmd slurm-client
}

# What each line is for:
# - NoInAddrAny, NoCtldInAddrAny: without them the daemons listen on every address; with them, on that of
#   this machine's name, which a container may have none of, or one that is not loopback.
# - linuxproc, task/none, config_overrides: a container has no cgroups to give away, and both nodes
#   pretend to have cores and memory of their own.
# - OverMemoryKill: a job over its memory is killed, as cgroups would do.
# - cred_expire is also how long a requeued job waits; SlurmdTimeout, until a silent node is down.
# - MinJobAge: there is no accounting database, and squeue is asked about jobs that have ended.
# - EnforcePartLimits: a job that no partition takes is refused rather than left to wait for ever.
configure() {
    local user addresses=
    user=$(id -un)
    [[ $(getent ahostsv4 "$(uname -n)") == 127.* ]] && addresses=NoInAddrAny,NoCtldInAddrAny
    cat > "$folder/slurm.conf" << END
ClusterName=vmi
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$FIRST_PORT
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket,cred_expire=15
${addresses:+CommunicationParameters=$addresses}
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool-%n
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/%n.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=2
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SlurmdParameters=config_overrides
SlurmdTimeout=20
InactiveLimit=0
KillWait=5
MinJobAge=600
ReturnToService=2
EnforcePartLimits=ALL
SchedulerParameters=sched_interval=5,bf_interval=5
GresTypes=gpu
NodeName=n1 NodeAddr=127.0.0.1 Port=$((FIRST_PORT + 1)) CPUs=4 RealMemory=16000 Weight=2 Gres=gpu:1
NodeName=n2 NodeAddr=127.0.0.1 Port=$((FIRST_PORT + 2)) CPUs=4 RealMemory=16000 Weight=1
PartitionName=main Nodes=n1,n2 Default=YES MaxTime=10080 DefMemPerCPU=1000
END
    # A GPU in name only, so that what asks for one can be seen to get it.
    echo "NodeName=n1 Name=gpu File=/dev/null" > "$folder/gres.conf"
    echo "CgroupPlugin=cgroup/v1" > "$folder/cgroup.conf"  # which does nothing; that of v2 wants systemd

    # The executor takes SLURM_CONF out of the environment of the srun within a job.
    mkdir -p "$folder/bin"
    cat > "$folder/bin/srun" << END
#!/bin/sh
SLURM_CONF="$folder/slurm.conf" exec $(command -v srun) "\$@"
END
    chmod +x "$folder/bin/srun"
    cat > "$folder/environment" << END
export SLURM_CONF="$folder/slurm.conf" PATH="$folder/bin:\$PATH"
END
}

start() {
    mkdir -p "$folder/state"
    chmod 755 "$folder"
    configure
    head -c 128 /dev/urandom > "$folder/munge.key"
    chmod 600 "$folder/munge.key"
    munged --force --key-file "$folder/munge.key" --socket "$folder/munge.socket" \
        --pid-file "$folder/munged.pid" --log-file "$folder/munged.log" \
        --seed-file "$folder/munged.seed"
    slurmctld -c -f "$folder/slurm.conf"
    for name in "${NODES[@]}"; do node "$name"; done
    source "$folder/environment"
    for _ in {1..60}; do
        [[ $(sinfo --noheader --format %T%D 2> /dev/null) == idle${#NODES[@]} ]] && return
        sleep 0.5
    done
    echo "the nodes are not up:" >&2
    tail -n 20 "$folder"/*.log >&2
    exit 1
}

node() {
    mkdir -p "$folder/spool-$1"
    slurmd -N "$1" -f "$folder/slurm.conf"
}

# By their process ids and no name: there may be another Slurm on this machine.
stop() {
    source "$folder/environment"
    timeout 10 scancel --quiet --user "$(id -un)" 2> /dev/null || true
    local file pid
    for file in "$folder"/{n1,n2,slurmctld,munged}.pid; do
        [[ -s $file ]] || continue
        pid=$(< "$file")
        kill "$pid" 2> /dev/null || continue
        timeout 20 tail --pid="$pid" --follow /dev/null || kill -KILL "$pid"
    done
}

(($#)) || { echo "$USAGE" >&2; exit 2; }
command=$1
folder=$(realpath -m "${2:-.}")
case "$command $#" in
    "install 1") install ;;
    "start 2") start ;;
    "node 3") node "$3" ;;
    "stop 2") stop ;;
    *) echo "$USAGE" >&2; exit 2 ;;
esac
