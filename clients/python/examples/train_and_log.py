"""Fits a line to Anscombe's first data set, and logs how well it fits, step by step."""

import stepwell

XS = (10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5)
YS = (8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68)
RATE = 0.01


def train() -> None:
    stepwell.log_param("rate", RATE)
    slope = intercept = 0.0
    for step in range(5_000):
        misses = [slope * x + intercept - y for x, y in zip(XS, YS)]
        # It waits for nothing: neither a disk nor a network.
        stepwell.log_metric("loss", sum(miss * miss for miss in misses) / len(XS), step=step)
        slope -= RATE * sum(2 * miss * x for miss, x in zip(misses, XS)) / len(XS) / 10
        intercept -= RATE * sum(2 * miss for miss in misses) / len(XS)
    stepwell.log_metrics({"slope": slope, "intercept": intercept}, step=5_000)


# The run ends as its block does: FINISHED, or FAILED after an exception.
with stepwell.start_run("line", experiment_name="anscombe") as run:
    train()
stepwell.flush()  # all of it is on the daemon's disk
print(run.run_id)
