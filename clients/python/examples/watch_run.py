"""Watches a run until all that it logged is at its tracker: python watch_run.py RUN_ID"""

import sys

import stepwell


def is_delivered(run: stepwell.RunState) -> bool:
    return bool(run.deliveries) and all(
        each.queued_points == 0 and each.delivered_points >= run.journaled_points for each in run.deliveries
    )


client = stepwell.Client()
for state in client.watch_state(interval=1, timeout=600):
    run = client.get_run(sys.argv[1])
    print(
        f"{run.run_name} is {run.status}: {run.journaled_points} points at the daemon,",
        f"{state.queued_points} of all runs wait",
    )
    if run.status != "RUNNING" and is_delivered(run):
        print(run.deliveries[0].experiment_tracker_url)
        break
else:
    sys.exit(run.standing)
