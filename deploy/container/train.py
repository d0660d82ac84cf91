"""Logs a curve to the daemon in the container beside this one."""

import stepwell

with stepwell.start_run(experiment_name="container"):
    for step in range(1000):
        stepwell.log_metric("loss", 1 / (step + 1), step=step)
