"""What a program's runs say on stderr: that they begin, and what became of them."""

import re
import subprocess
import sys
from unittest import mock

from daemon_home import ROOT, DaemonTest
from stepwell.notices import is_quiet

BEGINS = r"stepwell: run (\S+) begins\. Look: stepwell runs show ([0-9a-f]{32})\n"


class Notices(DaemonTest):
    def told(self, text: str, **more: str) -> str:
        done = self.run_program(text, **{"STEPWELL_QUIET": "", **more})
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        return done.stderr

    def told_while_it_runs(self, text: str, lines: int) -> str:
        """What a program says that goes on until it has said so many lines."""
        command = [sys.executable, "-c", text + "sys.stdin.read()\n"]
        environment = {**self.environment, "STEPWELL_QUIET": ""}
        pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, env=environment, text=True, **pipes) as child:
            told = "".join(child.stderr.readline() for _ in range(lines))
            child.stdin.close()
            return told + child.stderr.read()

    def test_a_first_script_says_where_its_run_is_and_what_became_of_it(self) -> None:
        """Nothing is registered, nothing is configured."""
        script = (
            "import stepwell\nwith stepwell.start_run(run_name='one'): stepwell.log_metric('loss', 1.0)\n"
        )
        told = self.told(script)
        found = re.fullmatch(BEGINS + r"stepwell: run one FINISHED\. 1 point (is .*|are .*)default\.\n", told)
        self.assertIsNotNone(found, told)
        assert found is not None
        # A name that the daemon gives is told before the daemon is asked.
        nameless = self.told_while_it_runs("import stepwell, sys\nwith stepwell.start_run(): pass\n", lines=2)
        named = re.fullmatch(
            BEGINS + r"stepwell: run (\S+) FINISHED\. It is delivered to default\.\n", nameless
        )
        assert named is not None, nameless
        self.stepwell("flush")
        rows = dict(self.rows("SELECT run_uuid, name FROM runs"))
        self.assertEqual(rows, {found[2]: "one", named[2]: named[1]})
        self.assertEqual(named[3], named[1])
        held = self.told(
            "import stepwell\nrun = stepwell.start_run('two', experiment_tracker='teem')\n"
            "run.log_metric('m', 1)\n"
            # It waits for this machine's disk, and for no tracker.
            "stepwell.flush(60)\n"
        )
        self.assertRegex(
            held, r"run two FINISHED\. 1 point waits on disk for teem: .*no such experiment tracker: teem"
        )
        for silent in (
            {"STEPWELL_QUIET": "1"},
            {"STEPWELL_QUIET": "please"},
            {"RANK": "3"},
            {"SLURM_PROCID": "1"},
        ):
            self.assertEqual(self.told(script, **silent), "", silent)
        for loud in ({"STEPWELL_QUIET": " No "}, {"RANK": "0"}):
            self.assertRegex(self.told(script, **loud), BEGINS)

    def test_any_word_but_a_no_asks_for_silence(self) -> None:
        for word, is_wanted in (
            *((word, False) for word in ("", "0", "no", "FALSE", " off ")),
            *((word, True) for word in ("1", "yes", "please")),
        ):
            with mock.patch.dict("os.environ", {"STEPWELL_QUIET": word}):
                self.assertIs(is_quiet(), is_wanted, word)

    def test_a_run_is_told_of_once_whoever_is_forked_and_however_many_there_are(self) -> None:
        forked = self.told(
            "import multiprocessing, os, stepwell\n"
            "run = stepwell.start_run('forked', tags={'a': '1'})\n"
            "stepwell.flush()\n"
            "def work():\n"
            "    stepwell.log_metric('loss', 1.0)\n"
            "    stepwell.start_run(run_id=run.run_id, active=False).set_tag('child', '1')\n"
            "children = [multiprocessing.get_context('fork').Process(target=work) for _ in range(2)]\n"
            "for child in children: child.start()\n"
            "for child in children: child.join()\n"
            "run.end_run()\n"
        )
        self.assertRegex(
            forked, "^" + BEGINS + r"stepwell: run forked FINISHED\. \d(?: of \d)? points? [^\n]*\n$"
        )
        many = self.told(
            "import stepwell\nfor index in range(20): stepwell.start_run(f'{index}\\n\\x1b[2J').end_run()\n"
        ).splitlines()
        self.assertEqual(len(many), 5 + 1 + 5, many)
        self.assertRegex(many[0], r"run 0\?\?\[2J begins")
        self.assertEqual(
            many[5], "stepwell: further runs of this process are not told of. All: stepwell runs list"
        )

    def test_no_word_of_a_server_steers_the_terminal(self) -> None:
        told = self.told("from stepwell.notices import say\nsay('\\x1b[2Jheld\\u202e\\x9b2J\\n')\n")
        self.assertEqual(told, "stepwell: ?[2Jheld??2J?\n")

    def test_steps_say_which_run_they_log_to_and_how_it_stands(self) -> None:
        told = self.told(
            "import stepwell\nfrom stepwell import pipeline, step\n"
            "@step(experiment_tracker=True)\ndef train(): stepwell.log_metric('loss', 1.0)\n"
            "@step\ndef load(): pass\n"
            "@pipeline\ndef all_of_it(): load(); train(); train()\n"
            "all_of_it()\n"
        )
        look = r"Look: stepwell runs show [0-9a-f]{32}\n"
        at = r"stepwell: run all_of_it-\S+ begins at default, for the step train\. " + look
        self.assertRegex(
            told,
            f"^{at}" + r"(stepwell: step train FINISHED\. \d(?: of \d)? points? [^\n]*default[^\n]*\.\n){2}$",
        )

    def test_a_stderr_that_is_closed_or_broken_stops_nothing(self) -> None:
        script = "with stepwell.start_run(): stepwell.log_metric('loss', 1.0)\n"
        broken = "sys.stderr = type('Broken', (), {'write': lambda *_: 1 / 0, 'flush': lambda _: None})()"
        # Python itself exits with 120 where its stderr keeps what it can't write.
        full = "os.dup2(os.open('/dev/full' if os.path.exists('/dev/full') else '/dev/null', os.O_WRONLY), 2)"
        for before in ("sys.stderr = None", "sys.stderr.close()", "os.close(2)", broken, full):
            text = f"import os, sys, stepwell\n{before}\n{script}"
            environment = {
                **self.environment,
                "STEPWELL_QUIET": "",
                "PYTHONPATH": str(ROOT / "clients/python/src"),
            }
            done = subprocess.run(
                [sys.executable, "-c", text], env=environment, timeout=60, stderr=subprocess.DEVNULL
            )
            self.assertEqual(done.returncode, 0, before)
        self.stepwell("flush")
        self.assertEqual(self.rows("SELECT count(*) FROM metrics"), [(5,)])
