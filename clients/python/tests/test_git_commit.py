"""MLflow's tag for the commit of the program that logs."""

import subprocess
import sys
import unittest
from pathlib import Path

from steps_home import HEAD, StepsTest


class Commit(StepsTest):
    def test_row_86_the_commit_of_the_programs_folder_is_a_tag_of_runs_steps_and_their_parents(self) -> None:
        text = (
            "stepwell.start_run(experiment_name='plain').end_run()\n"
            "nested = MLFlowExperimentTrackerSettings(nested=True)\n"
            "@step(experiment_tracker=True, settings={'experiment_tracker': nested})\n"
            "def child(): stepwell.log_metric('m', 1.0)\nchild()\n"
        )
        repository = Path(self.home) / "repository"
        commit = self.committed(repository, HEAD + text)
        tags = "SELECT count(*), count(DISTINCT run_uuid) FROM tags WHERE key = ? AND value = ?"
        for number, prepare in enumerate(
            (
                lambda folder: folder,
                lambda folder: self.git(folder, "pack-refs", "--all") or folder,
                lambda folder: (
                    self.git(folder, "worktree", "add", "-b", "other", "../tree") or folder / "../tree"
                ),
                lambda folder: self.git(folder, "checkout", "--detach") or folder,
            ),
            start=1,
        ):
            program = prepare(repository) / "deep" / "train.py"
            subprocess.run([sys.executable, str(program)], env=self.environment, check=True, timeout=600)
            self.assertEqual(self.rows(tags, "mlflow.source.git.commit", commit), [(3 * number,) * 2])

    def test_row_86_a_repository_that_is_broken_or_has_no_commit_costs_nothing(self) -> None:
        text = HEAD + "stepwell.start_run().end_run()\n"
        for number, spoil in enumerate(
            (
                lambda folder: (folder / ".git" / "HEAD").unlink(),
                lambda folder: (folder / ".git" / "HEAD").write_bytes(b"\xff\x00 ref: nowhere"),
                lambda folder: (folder / ".git" / "HEAD").write_text("ref: refs/heads/none"),
            )
        ):
            repository = Path(self.home) / f"broken{number}"
            self.committed(repository, text)
            spoil(repository)
            command = [sys.executable, str(repository / "deep" / "train.py")]
            done = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=600)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(
            self.rows("SELECT count(*) FROM tags WHERE key = 'mlflow.source.git.commit'"), [(0,)]
        )
        self.assertEqual(self.rows("SELECT count(*) FROM runs"), [(3,)])

    def committed(self, repository: Path, text: str) -> str:
        program = repository / "deep" / "train.py"
        program.parent.mkdir(parents=True)
        program.write_text(text)
        self.git(repository, "init", "--quiet")
        self.git(repository, "add", ".")
        self.git(repository, "-c", "user.name=n", "-c", "user.email=e", "commit", "--quiet", "-m", "c")
        command = ["git", "-C", str(repository), "rev-parse", "HEAD"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def git(self, folder: Path, *arguments: str) -> None:
        subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)


if __name__ == "__main__":
    unittest.main()
