"""A step of some seconds of work that logs as it goes; prints the seconds that its call took, begin and end included.

Arguments: how many rounds it trains, each of about a millisecond.
"""

import random
import sys
import time

import stepwell
from stepwell import step


@step(experiment_tracker="server")
def train(rounds: int) -> float:
    """Fits a line of 20 weights by gradient descent, and logs three metrics a round."""
    chance = random.Random(1)
    truth = [chance.gauss(0, 1) for _ in range(20)]
    rows = [[chance.gauss(0, 1) for _ in truth] for _ in range(512)]
    labels = [sum(w * x for w, x in zip(truth, row)) for row in rows]
    weights = [0.0] * len(truth)
    stepwell.log_param("rounds", rounds)
    loss = 0.0
    for number in range(rounds):
        loss = 0.0
        slopes = [0.0] * len(weights)
        for at in range(number * 64 % 512, number * 64 % 512 + 64):
            row = rows[at]
            error = sum(w * x for w, x in zip(weights, row)) - labels[at]
            loss += error * error
            slopes = [slope + error * x for slope, x in zip(slopes, row)]
        weights = [w - 0.0005 * slope for w, slope in zip(weights, slopes)]
        stepwell.log_metrics({"loss": loss, "first": weights[0], "last": weights[-1]}, step=number)
    return loss


stepwell.start_run(experiment_tracker="server").end_run()
begin = time.perf_counter()
train(int(sys.argv[1]))
print(time.perf_counter() - begin)
