#!/bin/sh
# SLURM's Epilog, as root on each node: delivers what a job left behind, for a minute. What is still not delivered stays on the
# node's disk, for the user's next job there. It never fails: that would take the node out of service.
base="${NODE_FOLDER:-/var/tmp/stepwell}"
home="$base/$SLURM_JOB_UID/home"
[ -d "$home" ] || exit 0

as_user() {
  setpriv --reuid="$SLURM_JOB_UID" --regid="$SLURM_JOB_GID" --clear-groups \
    env -i PATH="$PATH" STEPWELL_HOME="$home" "$@"
}

# A daemon that answers belongs to another job of the same user, and goes on.
if as_user stepwell daemon status >/dev/null 2>&1; then exit 0; fi
as_user stepwell daemon start >/dev/null 2>&1 || exit 0
as_user stepwell flush --timeout 60 >/dev/null 2>&1 ||
  echo "stepwell: user $SLURM_JOB_UID has something to deliver in $home" >&2
as_user stepwell daemon stop --timeout 5 >/dev/null 2>&1
exit 0
