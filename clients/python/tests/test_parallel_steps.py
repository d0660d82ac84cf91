"""Steps of one pipeline run at the same time: each keeps to its own run, and knows whether it is in one."""

import json
import unittest

from steps_home import StepsTest

PIPELINE = """
import asyncio, contextvars, threading
from concurrent.futures import ThreadPoolExecutor

together = threading.Barrier(4, timeout=300)

@step
def inner(index):
    # Inside of a step it is only a function.
    return stepwell.active_run().run_id

@step(experiment_tracker=True, settings={"experiment_tracker": {"nested": True}})
def work(index):
    together.wait()
    for i in range(200): stepwell.log_metric("m", float(index), step=i)
    together.wait()
    assert inner(index) == stepwell.active_run().run_id
    stepwell.log_param("index", index)
    return stepwell.active_run().run_id

@step(experiment_tracker=True)
def last():
    assert stepwell.active_run() is not None
    return stepwell.active_run().run_id

"""

BY_THREADS = """
@pipeline
def whole():
    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(contextvars.copy_context().run, work, index) for index in range(4)]
        return [call.result() for call in calls], last()
"""

BY_TASKS = """
@pipeline
def whole():
    async def all_of_them():
        return await asyncio.gather(*(asyncio.to_thread(work, index) for index in range(4)))
    return asyncio.run(all_of_them()), last()
"""


class Parallel(StepsTest):
    def test_steps_in_threads_and_tasks_of_one_pipeline_run_have_a_child_each_and_one_parent(self) -> None:
        for way in (BY_THREADS, BY_TASKS):
            with self.subTest(way):
                printed = "[*run.result, run.name, run.status, list(run.steps)]"
                text = f"{PIPELINE}{way}run = whole()\nprint(json.dumps({printed}))\n"
                children, parent, name, status, steps = json.loads(self.run_steps(text)[0])
                self.assertEqual((status, len(set(children))), ("FINISHED", 4))
                self.assertEqual(sorted(steps), ["last", "work", "work_2", "work_3", "work_4"])
                parents = self.rows("SELECT run_uuid, status FROM runs WHERE name = ?", name)
                self.assertEqual(parents, [(parent, "FINISHED")])
                for index, child in enumerate(children):
                    values = self.rows("SELECT DISTINCT value FROM metrics WHERE run_uuid = ?", child)
                    self.assertEqual(values, [(float(index),)])
                    above = "SELECT value FROM tags WHERE run_uuid = ? AND key = 'mlflow.parentRunId'"
                    self.assertEqual(self.rows(above, child), [(parent,)])
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(2 * 4 * 200,)])
        self.assertEqual(self.rows("SELECT count(*) FROM runs"), [(2 * 5,)])

    def test_a_pipeline_that_a_step_calls_has_steps_of_its_own(self) -> None:
        text = (
            "@step(experiment_tracker=True)\ndef low():\n    return stepwell.active_run().run_id\n"
            "@pipeline\ndef below():\n    return low()\n"
            "@step(experiment_tracker=True)\ndef high():\n"
            "    mine = stepwell.active_run().run_id\n"
            "    return mine, below().result, low(), stepwell.active_run().run_id\n"
            "@pipeline\ndef above():\n    return high()\n"
            "run = above()\nprint(json.dumps([run.result, list(run.steps)]))\n"
        )
        (mine, theirs, as_function, afterwards), steps = json.loads(self.run_steps(text)[0])
        self.assertEqual((as_function, afterwards, steps), (mine, mine, ["high"]))
        self.assertNotEqual(theirs, mine)
        self.assertEqual(self.statuses(), {"above": "FINISHED", "below": "FINISHED"})

    def test_a_coroutine_or_a_generator_is_refused_as_a_step(self) -> None:
        made = [
            f"@{decorator}\n{function}"
            for function in ("async def s(): pass", "def s(): yield 1", "async def s(): yield 1")
            for decorator in ("step", "pipeline")
        ]
        text = (
            f"for made in {made!r}:\n    try: exec(made)\n    except stepwell.StepwellError as e: print(e)\n"
        )
        said = self.run_steps(text)[0].splitlines()
        self.assertEqual(len(said), len(made))
        for line in said:
            self.assertRegex(line, "^STEPWELL_SETTING_INVALID: .*'s' is a coroutine")


if __name__ == "__main__":
    unittest.main()
