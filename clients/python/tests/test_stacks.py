"""Stacks, trackers and secrets as Client registers and tells them, and that no value of a secret is told."""

import base64
import http.server
import os
import threading
import time
import unittest

from asking import Asking


class Server(http.server.ThreadingHTTPServer):
    """Refuses every request, and keeps what each said of who it is."""

    daemon_threads = True

    def __init__(self) -> None:
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), _Refusing)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Refusing(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.seen.append(self.headers.get("Authorization", ""))  # type: ignore[attr-defined]
        self.send_error(403)

    do_POST = do_GET

    def log_message(self, *arguments: object) -> None:
        """Says nothing."""


class Registering(Asking):
    def test_a_tracker_a_stack_and_a_secret_are_read_back_as_they_were_registered(self) -> None:
        secret = self.client.create_secret("mlflow", {"username": "ada", "password": "lovelace"})
        self.assertEqual(
            (secret.name, secret.keys, secret.backend), ("mlflow", ("password", "username"), "vault")
        )
        self.assertEqual(self.client.list_secrets(), [secret])
        settings = {"tracking_uri": "https://mlflow.example.com", "tracking_token": "{{mlflow.password}}"}
        tracker = self.client.register_tracker("server", settings, labels={"team": "vision"})
        self.assertEqual((tracker.flavor, tracker.configuration), ("mlflow", settings))
        self.assertEqual(tracker.labels, {"team": "vision"})
        self.assertLess(abs(tracker.created_ms - time.time() * 1000), 600_000)
        local = self.client.register_tracker("local")
        self.assertEqual(local.configuration, {})
        self.assertEqual([each.name for each in self.client.list_trackers()], ["default", "local", "server"])
        stack = self.client.register_stack("both", [tracker.name, local.id])
        self.assertEqual((stack.experiment_trackers, stack.is_active), ((tracker, local), False))
        self.assertEqual(self.client.active_stack.name, "default")
        active = self.client.register_stack("one", ["local"], set_active=True)
        self.assertEqual((self.client.active_stack, active.is_active), (active, True))
        self.assertEqual(active.experiment_tracker, local)
        self.assertEqual([each.name for each in self.client.list_stacks()], ["both", "default", "one"])

    def test_an_answer_in_pieces_comes_whole_or_not_at_all(self) -> None:
        os.environ["STEPWELL_ENDPOINT"] = self.start_fake(socket="whole.sock").endpoint
        trackers = self.client.list_trackers(timeout=60)
        self.assertEqual([each.name for each in trackers], ["tracker-0", "tracker-1", "tracker-2"])
        broken = self.start_fake("--broken-lists", socket="broken.sock")
        os.environ["STEPWELL_ENDPOINT"] = broken.endpoint
        with self.refused("STEPWELL_DAEMON_UNREACHABLE"):
            self.client.list_trackers(timeout=2)
        # It was tried again, and what had come is not told.
        self.assertGreater(len(broken.kill()), 3)

    def test_a_secret_reaches_the_server_that_refers_to_it_and_what_waits_is_told(self) -> None:
        server = Server()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.client.create_secret("mlflow", {"username": "ada", "password": "lovelace"})
        settings = {"tracking_uri": server.url, "tracking_username": "{{mlflow.username}}"}
        self.client.register_tracker("server", {**settings, "tracking_password": "{{mlflow.password}}"})
        self.client.register_stack("server", ["server"], set_active=True)
        run_id = self.log_run(3)
        self.assertFalse(self.client.drain(timeout=2))
        deadline = time.monotonic() + 120
        while not (state := self.client.get_state()).lanes or state.lanes[0].state != "held":
            self.assertLess(time.monotonic(), deadline, state)
            time.sleep(0.05)
        expected = base64.b64encode(b"ada:lovelace").decode()
        self.assertIn(f"Basic {expected}", server.seen)
        [lane] = state.lanes
        self.assertEqual((lane.run_id, lane.tracker, lane.queued_points), (run_id, "server", 3))
        self.assertEqual((lane.delivered_points, state.queued_points, state.run_count), (0, 3, 1))
        self.assertGreater(lane.oldest_age_seconds, 0)
        self.assertGreater(state.queued_bytes, 0)
        run = self.client.get_run(run_id)
        self.assertEqual((run.deliveries[0].queued_points, run.deliveries[0].mlflow_run_id), (3, ""))
        for told in (lane.last_error, run.standing):
            self.assertIn("403", told)
            self.assertNotIn("lovelace", told)

    def test_what_the_daemon_refuses_is_told_with_its_code(self) -> None:
        self.client.register_tracker("one")
        with self.refused("STEPWELL_NAME_TAKEN") as caught:
            self.client.register_tracker("one")
        self.assertNotEqual(caught.exception.remedy, "")
        with self.refused("STEPWELL_CONFIG_INVALID"):
            self.client.register_tracker("two", {"no_such_setting": "1"})
        with self.refused("STEPWELL_COMPONENT_UNKNOWN"):
            self.client.register_stack("two", ["none"])
        with self.refused("STEPWELL_SECRET_INVALID"):
            self.client.create_secret("two", {})
        with self.refused("STEPWELL_RUN_UNKNOWN"):
            self.client.get_run("0" * 32)

    def test_what_is_no_text_is_refused_before_anything_is_said(self) -> None:
        os.environ["STEPWELL_ENDPOINT"] = "unix:/nonexistent/stepwell.sock"
        with self.refused("STEPWELL_SETTING_INVALID"):
            self.client.register_stack("stack", "one")
        with self.refused("STEPWELL_SETTING_INVALID"):
            self.client.register_tracker("one", {"tracking_uri": 5})  # type: ignore[dict-item]
        with self.refused("STEPWELL_VALUE_INVALID"):
            self.client.register_tracker(None)  # type: ignore[arg-type]
        with self.refused("STEPWELL_SETTING_INVALID"):
            self.client.drain(0)
        with self.refused("STEPWELL_TEXT_MALFORMED"):
            self.client.get_run("\udc80")


class Secrecy(Asking):
    def test_no_value_of_a_secret_is_in_an_answer_an_error_or_a_log(self) -> None:
        done = self.run_program(
            "import logging, sys, traceback, stepwell\n"
            "logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)\n"
            "client = stepwell.Client()\n"
            "word = 'love' + 'lace'\n"
            "class Odd:\n"
            "    def __repr__(self): return word\n"
            "def chain(error):\n"
            "    while error is not None:\n"
            "        print(repr(error), vars(error), getattr(error, 'object', ''))\n"
            "        error = error.__cause__ or error.__context__\n"
            "print(client.create_secret('one', {'k': word}), client.list_secrets())\n"
            "print(client.register_tracker('plain', {'tracking_uri': 'https://mlflow.example.com',\n"
            "    'tracking_username': 'ada', 'tracking_password': word}))\n"
            "for name, values in (('one', {'k': word}), ('two', {'k': word + chr(0xdc80)}),\n"
            "                     ('two', {'k': Odd()}), ('two', word), ('two', [(1, word)]),\n"
            "                     ('two', {'k': [word]}), ('no/name', {'k': word}),\n"
            "                     ('two', {'k': word, 5: word}), ('two', {'no key!': word})):\n"
            "    try: client.create_secret(name, values); print('taken', name, list(values))\n"
            "    except stepwell.StepwellError as error:\n"
            "        traceback.print_exc(file=sys.stdout); chain(error)\n"
            "try: client.register_tracker('bad', {'tracking_password': word, 'tracking_uri': 5})\n"
            "except stepwell.StepwellError as error: chain(error)\n"
            "stepwell.Client().create_secret('late', {'k': word}, timeout=30)\n",
            PYTHONASYNCIODEBUG="1",
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("STEPWELL_NAME_TAKEN", done.stdout)
        self.assertIn("STEPWELL_TEXT_MALFORMED", done.stdout)
        self.assertGreaterEqual(done.stdout.count("STEPWELL_SETTING_INVALID"), 5)
        self.assertNotIn("lovelace", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
