"""The daemon's state and its runs as Client tells and watches them."""

import asyncio
import os
import signal
import threading
import time
import unittest
from collections.abc import Awaitable
from typing import Any
from unittest import mock

import stepwell
from asking import Asking


class Watching(Asking):
    def calls(self) -> "list[threading.Thread]":
        return [each for each in threading.enumerate() if each.name == "stepwell-call"]

    def test_a_watch_tells_at_once_and_then_what_came_and_ends_with_its_loop(self) -> None:
        begin = time.monotonic()
        seen: list[stepwell.State] = []
        for state in self.client.watch_state(0.05, timeout=300):
            if not seen:
                self.assertEqual((state.journaled_points, state.run_count), (0, 0))
                run_id = self.log_run(1000)
            seen.append(state)
            if state.delivered_points == 1000:
                break
        self.assertLess(time.monotonic() - begin, 300)
        self.assertEqual(self.calls(), [])
        run = self.client.get_run(run_id[:12])
        self.assertEqual((run.run_id, run.run_name, run.experiment_name), (run_id, "one", "e"))
        self.assertEqual((run.status, run.journaled_points), ("FINISHED", 1000))
        self.assertGreaterEqual(run.end_time_ms or 0, run.start_time_ms)
        [delivery] = run.deliveries
        self.assertEqual((delivery.delivered_points, delivery.queued_points), (1000, 0))
        self.assertEqual(delivery.mlflow_run_id, run_id)
        self.assertTrue(self.client.drain())

    def test_a_drain_answers_what_is_left_of_this_process_and_one_of_nothing_asks_nobody(self) -> None:
        done = self.run_program(
            "import stepwell\n"
            "print(bool(stepwell.drain()), stepwell.stats().connects, bool(stepwell.drain(1)))\n"
            "with stepwell.start_run() as run: stepwell.log_metric('loss', 0.5)\n"
            "drained = stepwell.drain(300)\n"
            "print(drained, stepwell.Client().get_run(run.run_id).deliveries[0].delivered_points)\n"
        )
        self.assertEqual(done.stdout, "True 0 True\nDrained(is_complete=True, lanes=(), dead_letters=0) 1\n")

    def test_a_step_that_is_told_to_end_drains_within_its_grace(self) -> None:
        done = self.run_program(
            "import os, signal, time, stepwell\n"
            "@stepwell.step(experiment_tracker=True)\n"
            "def train():\n"
            "    try:\n"
            "        stepwell.log_metric('loss', 0.5)\n"
            "        os.kill(os.getpid(), signal.SIGTERM)\n"
            "        time.sleep(300)\n"
            "    finally:\n"
            "        print(stepwell.drain(120), stepwell.Client().get_state().delivered_points, flush=True)\n"
            "train()\n"
        )
        self.assertEqual(done.stdout, "Drained(is_complete=True, lanes=(), dead_letters=0) 1\n", done.stderr)
        self.assertEqual(done.returncode, 143)

    def test_a_process_of_more_runs_than_a_drain_names_waits_for_all_of_the_home(self) -> None:
        done = self.run_program(
            "import stepwell\n"
            "from stepwell import limits\n"
            "from stepwell.producer import current_producer\n"
            "limits.DRAIN_RUNS_MAX = 2\n"
            "for count in range(4):\n"
            "    with stepwell.start_run(): stepwell.log_metric('loss', 0.5)\n"
            "    print(len(current_producer().buffer.run_ids or ()))\n"
            "print(bool(stepwell.drain(300)))\n"
        )
        self.assertEqual(done.stdout, "1\n2\n0\n0\nTrue\n")

    def test_a_watch_that_is_left_as_an_answer_comes_ends_all_the_same(self) -> None:
        async def losing(awaitable: "Awaitable[Any]", seconds: float) -> Any:
            """Loses a cancellation, as asyncio's own does at times before Python 3.12."""
            waited = asyncio.ensure_future(awaitable)
            try:
                return await asyncio.shield(waited)
            except asyncio.CancelledError:
                return await waited

        with mock.patch("asyncio.wait_for", losing):
            for _ in self.client.watch_state(0.05, timeout=300):
                break
        self.assertEqual(self.calls(), [])

    def test_a_run_that_goes_on_has_no_end(self) -> None:
        done = self.run_program(
            "import stepwell\n"
            "run = stepwell.start_run(); run.log_metric('loss', 0.5); stepwell.flush()\n"
            "state = stepwell.Client().get_run(run.run_id)\n"
            "print(state.status, state.end_time_ms, stepwell.Client().get_state().producers_connected)\n"
        )
        self.assertEqual((done.stdout, done.stderr), ("RUNNING None 1\n", ""))

    def test_a_watch_ends_by_its_time_without_an_error(self) -> None:
        begin = time.monotonic()
        states = list(self.client.watch_state(0.05, timeout=2))
        self.assertGreaterEqual(len(states), 2)
        self.assertLess(time.monotonic() - begin, 60)
        self.assertEqual(self.calls(), [])

    def test_a_loop_that_is_slow_gets_the_newest_state_and_no_backlog(self) -> None:
        watch = self.client.watch_state(0.05, timeout=300)
        next(watch)
        self.log_run(10)
        self.assertTrue(self.client.drain())
        # What was told before that takes one place at most.
        next(watch)
        self.assertEqual(next(watch).delivered_points, 10)

    def test_an_interval_out_of_bounds_is_refused_at_the_call(self) -> None:
        for interval in (0, 0.01, 61, float("nan")):
            with self.refused("STEPWELL_SETTING_INVALID"):
                self.client.watch_state(interval)

    def test_a_watch_of_a_daemon_that_is_killed_says_so(self) -> None:
        watch = self.client.watch_state(0.05, timeout=300)
        next(watch)
        self.kill_daemon()
        with self.refused("STEPWELL_DAEMON_UNREACHABLE"):
            for _ in watch:
                pass
        self.assertEqual(self.calls(), [])

    def test_a_watch_of_a_daemon_that_is_ended_says_so(self) -> None:
        watch = self.client.watch_state(0.05, timeout=300)
        next(watch)
        self.stepwell("daemon", "stop")
        with self.refused("STEPWELL_DAEMON_UNREACHABLE"):
            for _ in watch:
                pass

    def test_a_watch_of_a_daemon_that_is_stopped_is_given_up(self) -> None:
        with mock.patch("stepwell.limits.CALL_SECONDS", 2):
            watch = self.client.watch_state(0.05, timeout=300)
            next(watch)
        pid = self.daemon_pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        begin = time.monotonic()
        with self.refused("STEPWELL_DAEMON_UNREACHABLE"):
            for _ in watch:
                pass
        self.assertLess(time.monotonic() - begin, 60)

    def test_a_forked_child_that_goes_on_with_a_watch_is_told_so(self) -> None:
        done = self.run_program(
            "import os, stepwell\n"
            "watch = stepwell.Client().watch_state(0.05)\n"
            "next(watch)\n"
            "child = os.fork()\n"
            "if child == 0:\n"
            "    try:\n"
            "        for _ in watch: pass\n"
            "    except stepwell.StepwellError as error: os._exit(7 if 'UNREACHABLE' in error.code else 1)\n"
            "print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), next(watch).run_count)\n",
            timeout=120,
            # Python 3.12 and newer warn of each fork beside a thread.
            PYTHONWARNINGS="ignore::DeprecationWarning",
        )
        self.assertEqual((done.stdout, done.stderr), ("7 0\n", ""))

    def test_it_works_inside_of_an_event_loop(self) -> None:
        done = self.run_program(
            "import asyncio, stepwell\n"
            "async def main():\n"
            "    client = stepwell.Client()\n"
            "    for state in client.watch_state(0.05):\n"
            "        return state.run_count, client.get_state().run_count, len(client.list_stacks())\n"
            "print(asyncio.run(main()))\n"
        )
        self.assertEqual((done.stdout, done.stderr), ("(0, 0, 1)\n", ""))


class Deadlines(Asking):
    def test_a_daemon_that_is_stopped_holds_no_call_longer_than_its_time(self) -> None:
        run_id = self.log_run(1)
        pid = self.daemon_pid()
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        calls = (
            lambda: self.client.get_state(timeout=0.5),
            lambda: self.client.get_run(run_id, timeout=0.5),
            lambda: self.client.list_stacks(timeout=0.5),
            lambda: self.client.list_trackers(timeout=0.5),
            lambda: self.client.list_secrets(timeout=0.5),
            lambda: self.client.register_tracker("t", timeout=0.5),
            lambda: self.client.register_stack("s", ["t"], timeout=0.5),
            lambda: self.client.create_secret("s", {"k": "v"}, timeout=0.5),
        )
        for call in calls:
            begin = time.monotonic()
            with self.refused("STEPWELL_DAEMON_UNREACHABLE"):
                call()
            self.assertLess(time.monotonic() - begin, 15)
        begin = time.monotonic()
        self.assertEqual(list(self.client.watch_state(timeout=0.5)), [])
        self.assertLess(time.monotonic() - begin, 15)


if __name__ == "__main__":
    unittest.main()
