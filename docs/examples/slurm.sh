#!/bin/bash
#SBATCH --job-name=microfiche
#SBATCH --ntasks=8
#SBATCH --cpus-per-task=1
#SBATCH --mem-per-cpu=2G
#SBATCH --time=08:00:00
# Build an archive that lies on a disk which every node sees:
#   sbatch docs/examples/slurm.sh /shared/press [options of microfiche build]
set -euo pipefail
archive=${1:?name the archive}
shift
cluster=$(mktemp -d "${SLURM_SUBMIT_DIR:-$PWD}/.cluster-XXXXXX")
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$cluster"' EXIT

dask scheduler --scheduler-file "$cluster/scheduler.json" --port 0 &
until [ -s "$cluster/scheduler.json" ]; do sleep 1; done
srun dask worker --scheduler-file "$cluster/scheduler.json" --nthreads 1 \
    --local-directory "${TMPDIR:-/tmp}" &

microfiche build "$archive" --engine dask --scheduler "$cluster/scheduler.json" "$@"
