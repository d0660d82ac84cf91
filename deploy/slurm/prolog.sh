#!/bin/sh
# SLURM's Prolog, as root on each node: a folder of the user's own on the node's disk, for the home.
# A prolog that fails takes the node out of service: this one never does, and the job says what it lacks.
base="${NODE_FOLDER:-/var/tmp/stepwell}"

make_folder() {
  # Root's, so that nobody lays something of another user's name there.
  install -d -m 0755 "$base" &&
    install -d -m 0700 -o "$SLURM_JOB_UID" -g "$SLURM_JOB_GID" "$base/$SLURM_JOB_UID"
}

make_folder || echo "stepwell: no folder for user $SLURM_JOB_UID below $base" >&2
exit 0
