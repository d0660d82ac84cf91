"""Waiting is monotonic everywhere: a clock that jumps names points, and delays and ends nothing."""

import re
import subprocess
import sys
import unittest
from pathlib import Path

import stepwell
from daemon_home import DaemonTest

# A day back and a day forth at each look: a wait by this clock would never end, or at once.
MOVED = """
import itertools, time
real, jumps = time.time, itertools.cycle((-86_400, 86_400))
time.time = lambda: real() + next(jumps)
time.time_ns = lambda: int(time.time() * 1e9)
"""
# Each loop of the client, with a bound on its wait below and above.
LOOPS = {
    "flush": "run = stepwell.start_run(); timed(2, 30, lambda: stepwell.flush(2))",
    "the last acknowledgements": "stepwell.start_run(); timed(2, 30, stepwell.process_end.end_process)",
    "a call": "timed(2, 60, lambda: call_daemon(os.environ, 'StacksService/GetStack', request, answer, 2))",
    "the end of a step": "\n".join(
        (
            "from stepwell import limits, step_end",
            "limits.STEP_END_PROMPT_SECONDS, limits.STEP_FLUSH_SECONDS = 1.0, 1.0",
            "limits.CALL_SECONDS = limits.STEP_END_SECONDS = 1.0",
            "stepwell.start_run()",
            "timed(3, 90, lambda: step_end.finish_step(steps_pb2.FinishStepRequest(), True))",
        )
    ),
    "a fork": "stepwell.start_run(); timed(0, 30, lambda: os.waitpid(os.fork() or os._exit(0), 0))",
}
PROGRAM = """
import logging, os, sys, time
import stepwell, stepwell.process_end
from stepwell.calls import call_daemon
from stepwell.v1 import stacks_pb2, steps_pb2
logging.disable()
request, answer = stacks_pb2.GetStackRequest(), stacks_pb2.GetStackResponse
def timed(at_least, at_most, function):
    begin = time.monotonic()
    try: function()
    except stepwell.StepwellError: pass
    took = time.monotonic() - begin
    if not at_least <= took <= at_most: sys.exit(f"it took {took:.1f} s")
"""


class Clocks(DaemonTest):
    # A clock is moved before anything else is imported.
    programs_are_quick = False

    def test_each_wait_takes_its_time_whatever_the_wall_clock_does(self) -> None:
        fake = self.start_fake("--mute")
        given = {"STEPWELL_ENDPOINT": fake.endpoint, "STEPWELL_EXIT_TIMEOUT": "2"}
        for what, loop in LOOPS.items():
            with self.subTest(what):
                done = self.run_program(f"{MOVED}{PROGRAM}{loop}\n", **given)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_daemon_that_is_out_of_reach_is_reached_again_and_points_have_the_wall_clocks_time(
        self,
    ) -> None:
        """The waits between two connections and two starts of a daemon, and the sleep of an idle sender."""
        self.with_tracker()
        text = (
            "import os, signal, sys, time, stepwell\n"
            "with stepwell.start_run() as run:\n"
            "    for step in range(4):\n"
            "        stepwell.log_metric('loss', 1.0, step=step); stepwell.flush(60)\n"
            "        time.sleep(0.5)\n"
            "        if step % 2 == 0: print(flush=True); sys.stdin.readline()\n"
        )

        command = [sys.executable, "-c", MOVED + text]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, env=self.environment, text=True, **pipes) as child:
            assert child.stdout is not None and child.stdin is not None
            for _ in range(2):
                child.stdout.readline()
                self.kill_daemon()
                child.stdin.write("\n")
                child.stdin.flush()
            child.communicate(timeout=180)
        self.assertEqual(child.returncode, 0)
        times = [time for _, time in self.rows("SELECT step, timestamp FROM metrics ORDER BY 1")]
        self.assertEqual(len(times), 4)
        self.assertGreater(max(times) - min(times), 86_400_000)

    def test_the_wall_clock_is_read_to_name_moments_and_no_thread_waits_by_it(self) -> None:
        """Python's locks, events and joins with a timeout follow the wall clock on older C libraries."""
        readers, waits = [], []
        for path in Path(stepwell.__file__).parent.glob("*.py"):
            text = path.read_text()
            if re.search(r"\btime\.time\b|time_ns|datetime\.now", text):
                readers.append(path.name)
            waits += re.findall(r"(?<!asyncio)\.(?:wait|acquire)\([^)].*|thread\.join\([^)].*", text)
        # The pipeline names a run by the local time.
        self.assertEqual(sorted(readers), ["buffer.py", "pipelines.py", "run.py"])
        self.assertEqual(waits, [])


if __name__ == "__main__":
    unittest.main()
