"""The run that training frameworks' hooks log to, by Lightning's logger. The packages are in test/e2e."""

import unittest

from daemon_home import DaemonTest

# As much of Lightning as the logger takes of it: it needs a PyTorch, which is larger than 500 MB.
LIGHTNING = """
import sys, types
def module(name, **members):
    made = types.ModuleType(name); made.__dict__.update(members); sys.modules[name] = made
class Logger:
    pass
def rank_zero_only(function):
    return lambda *args, **kwargs: function(*args, **kwargs) if RANK == 0 else None
for name in ("lightning", "lightning.pytorch", "lightning.pytorch.loggers"): module(name)
module("lightning.pytorch.loggers.logger", Logger=Logger, rank_zero_experiment=lambda function: function)
module("lightning.pytorch.utilities", rank_zero_only=rank_zero_only)
import stepwell
from stepwell.integrations.lightning import StepwellLogger
def train(logger, rank=0):
    global RANK
    RANK = rank
    logger.log_hyperparams({"lr": 0.1, "net": {"layers": 2}})
    for step in range(3): logger.log_metrics({"loss": 1.0 / (step + 1), "bad key?": 1.0}, step)
    if rank == 0: stepwell.log_metric("mine", 1.0)
    logger.finalize("success")
"""

OWN = """
logger = StepwellLogger("hooks", run_name="begun")
assert logger.version is None
train(logger)
assert stepwell.active_run() is None and logger.name == "hooks" and logger.version
train(StepwellLogger(run_name="of another rank"), rank=1)
"""

ACTIVE = """
with stepwell.start_run("active") as run:
    train(StepwellLogger("hooks", run_name="none"))
    assert not run.has_ended
    stepwell.log_metric("after", 1.0)
"""


class Hooks(DaemonTest):
    def test_a_hook_logs_to_the_active_run_or_to_one_that_it_begins_and_says_once_what_it_can_not_log(
        self,
    ) -> None:
        for name, text in (("begun", OWN), ("active", ACTIVE)):
            with self.subTest(name):
                done = self.run_program(LIGHTNING + text)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(done.stderr.count("STEPWELL_KEY_INVALID"), 1, done.stderr)
        found = self.rows("SELECT name, status, key FROM runs JOIN metrics USING (run_uuid) ORDER BY 1, 3")
        logged = ["loss"] * 3 + ["mine"]
        self.assertEqual(
            found,
            [("active", "FINISHED", key) for key in ("after", *logged)]
            + [("begun", "FINISHED", key) for key in logged],
        )
        params = self.rows("SELECT DISTINCT key, value FROM params ORDER BY key")
        self.assertEqual(params, [("lr", "0.1"), ("net/layers", "2")])


if __name__ == "__main__":
    unittest.main()
