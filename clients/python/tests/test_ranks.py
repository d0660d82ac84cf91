"""Ranks of a distributed job that share one run; a job of 4 of them is in test/e2e/shared-run.test.ts."""

import os
import subprocess
import sys
import unittest
from typing import Any, Optional

from daemon_home import DaemonTest
from stepwell.errors import StepwellError
from stepwell.ranks import Rank, rank_here


class SharedRuns(DaemonTest):
    def until_rows(self, expected: "list[Any]", query: str) -> None:
        for _ in range(600):
            found = self.rows(query)
            if found == expected:
                return
        self.assertEqual(found, expected)

    def test_rank_0_that_is_killed_and_started_again_goes_on_and_its_end_is_the_runs(self) -> None:
        text = (
            "import os, signal, sys, stepwell\n"
            "with stepwell.start_run(shared=True):\n"
            "    stepwell.log_metric('m', 1.0); stepwell.flush()\n"
            "    if sys.argv[1:]: os.kill(os.getpid(), signal.SIGKILL)\n"
        )
        job = {"SLURM_JOB_ID": "7", "SLURM_STEP_ID": "0", "SLURM_PROCID": "0", "SLURM_NTASKS": "2"}
        environment = {**self.environment, **job}
        subprocess.run([sys.executable, "-c", text, "die"], env=environment, timeout=600)
        self.until_rows([("KILLED",)], "SELECT status FROM runs")
        subprocess.run([sys.executable, "-c", text], env=environment, timeout=600, check=True)
        self.until_rows([("FINISHED",)], "SELECT status FROM runs")
        self.assertEqual(self.rows("SELECT 1 FROM tags WHERE key = 'stepwell.end_reason'"), [])

    def test_under_stepwell_run_ranks_log_to_its_run_and_alone_there_is_rank_0(self) -> None:
        text = (
            "import stepwell\n"
            "with stepwell.start_run(shared=True, rank_keys=True): stepwell.log_metric('m', 1.0)\n"
        )
        self.environment["RANK"] = "5"
        self.stepwell("run", "--run-name", "whole", "--", sys.executable, "-c", text)
        del self.environment["RANK"]
        self.run_program(text.replace("shared=True", "'alone', shared=True"))
        found = self.rows("SELECT name, status, key FROM runs JOIN metrics USING (run_uuid) ORDER BY 1")
        self.assertEqual(found, [("alone", "FINISHED", "rank-0/m"), ("whole", "FINISHED", "rank-5/m")])

    def test_a_job_has_several_runs_by_their_names_or_their_order_and_needs_an_id_where_nothing_names_it(
        self,
    ) -> None:
        text = (
            "import stepwell\n"
            "def ids(*names, **more):\n"
            "    for name in names:\n"
            "        with stepwell.start_run(name, shared=True, **more) as run: yield run.run_id\n"
        )
        offline = {"STEPWELL_AUTOSTART": "0", "STEPWELL_EXIT_TIMEOUT": "0"}

        def told(rank: str, job: str, ending: str) -> "list[str]":
            # Two machines, one rank on each.
            torch = {"RANK": rank, "LOCAL_RANK": "0", "WORLD_SIZE": "2", "LOCAL_WORLD_SIZE": "1"}
            done = self.run_program(text + ending, TORCHELASTIC_RUN_ID=job, **torch, **offline)
            return done.stdout.split() or done.stderr.splitlines()

        several = "print(*ids('a', 'b', None, None))\n"
        first = told("0", "job", several)
        self.assertEqual(len(set(first)), 4, first)
        self.assertEqual(told("1", "job", several), first)
        self.assertRegex("\n".join(told("1", "none", several)), r"STEPWELL_SETTING_INVALID[\s\S]*same run_id")
        given = f"print(*ids(None, run_id='{'a' * 32}'))\n"
        self.assertEqual([told(rank, "none", given) for rank in "01"], [["a" * 32]] * 2)


class OfLaunchers(unittest.TestCase):
    def rank(self, **variables: str) -> Optional[Rank]:
        return rank_here(variables)

    def test_jobs_are_told_apart_by_what_their_launcher_says_and_on_one_machine_by_who_launched_them(
        self,
    ) -> None:
        self.assertIsNone(self.rank())
        torch = {"RANK": "5", "LOCAL_RANK": "1", "WORLD_SIZE": "8", "LOCAL_WORLD_SIZE": "4"}
        many = self.rank(**torch, TORCHELASTIC_RUN_ID="job")
        self.assertEqual(many, Rank(5, "RANK/job", False))
        one = self.rank(**{**torch, "LOCAL_WORLD_SIZE": "8"}, TORCHELASTIC_RUN_ID="none")
        assert one is not None
        self.assertTrue(one.is_with_first)
        self.assertIn(f"/{os.getppid()}/", one.job)
        # torchrun's default name is every job's.
        for name in ("none", ""):
            self.assertEqual(self.rank(**torch, TORCHELASTIC_RUN_ID=name), Rank(5, "", False))
        slurm = {"SLURM_JOB_ID": "12", "SLURM_STEP_ID": "3", "SLURM_PROCID": "1", "SLURM_LOCALID": "1"}
        self.assertEqual(self.rank(**slurm), Rank(1, "SLURM_PROCID/12/3", True))
        self.assertEqual(self.rank(**torch, **slurm), Rank(5, "SLURM/12/3", False))
        # The job's own script is no rank.
        self.assertIsNone(self.rank(SLURM_JOB_ID="12", SLURM_PROCID="0"))
        mpi = {"OMPI_COMM_WORLD_RANK": "3", "OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_LOCAL_SIZE": "2"}
        found = self.rank(**mpi, OMPI_COMM_WORLD_LOCAL_RANK="1", PMIX_NAMESPACE="prterun-a-1@1")
        self.assertEqual(found, Rank(3, "OMPI_COMM_WORLD_RANK/prterun-a-1@1", False))

    def test_a_rank_that_is_no_number_is_refused(self) -> None:
        with self.assertRaises(StepwellError) as raised:
            self.rank(RANK="first", WORLD_SIZE="1")
        self.assertEqual(raised.exception.code, "STEPWELL_SETTING_INVALID")


if __name__ == "__main__":
    unittest.main()
