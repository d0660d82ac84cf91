"""Artifacts without a package of MLflow: what is sent where, and what becomes of trouble."""

import json
import os
import threading
import unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Optional
from urllib.parse import unquote, urlsplit

from daemon_home import DaemonTest
from stepwell import StepwellError, artifact_files
from stepwell.artifact_store import media_type_of

RUN_ID = "0123456789abcdef0123456789abcdef"
ROOT = "/pass/api/2.0/mlflow-artifacts/artifacts"


class _Server(ThreadingHTTPServer):
    """A gateway with a run and its artifacts."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.artifact_uri = f"mlflow-artifacts:/7/{RUN_ID}/artifacts"
        self.tags: list[dict[str, str]] = []
        self.stored: dict[str, bytes] = {}
        self.types: dict[str, Optional[str]] = {}
        # What is done with the next request that stores something: its connection breaks, or it is refused.
        self.breaks = 0
        self.refusal: Optional[tuple[int, str]] = None

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/pass"


class _Answers(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path == "/pass/api/2.0/mlflow/runs/get":
            assert urlsplit(self.path).query == f"run_id={RUN_ID}"
            info = {"run_id": RUN_ID, "artifact_uri": self.server.artifact_uri}
            self._answer(
                200, json.dumps({"run": {"info": info, "data": {"tags": self.server.tags}}}).encode()
            )
        elif path in self.server.stored:
            self._answer(200, self.server.stored[path])
        else:
            self._answer(404, b'{"error_code": "RESOURCE_DOES_NOT_EXIST", "message": "none"}')

    def do_PUT(self) -> None:
        server = self.server
        if server.refusal is not None:
            status, said = server.refusal
            self._answer(status, json.dumps({"error_code": "X", "message": said}).encode())
            self.close_connection = True
            return
        length = int(self.headers["content-length"])
        if server.breaks > 0:
            server.breaks -= 1
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        path = unquote(self.path)
        # A long one is counted only.
        content = self.rfile.read(length) if length < 2**20 else str(self._count(length)).encode()
        server.stored[path], server.types[path] = content, self.headers["content-type"]
        self._answer(200, b"{}")

    def log_message(self, *_: Any) -> None:
        pass

    def _count(self, length: int) -> int:
        count = 0
        while count < length:
            count += len(self.rfile.read(min(2**20, length - count)))
        return count

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Artifacts(DaemonTest):
    def setUp(self) -> None:
        super().setUp()
        self.server = _Server()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.folder = Path(self.home) / "files"
        self.folder.mkdir()

    def run_in_run(self, text: str) -> str:
        """Runs a program as `stepwell run` does; what it prints."""
        endpoint = self.start_fake("--home", self.home).endpoint
        more = {
            "STEPWELL_ENDPOINT": endpoint,
            "STEPWELL_RUN_ID": RUN_ID,
            "MLFLOW_TRACKING_URI": self.server.uri,
        }
        done = self.run_program(f"import os, stepwell, sys\nos.chdir({str(self.folder)!r})\n{text}", **more)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def stored(self) -> "dict[str, bytes]":
        """What was stored, by the path below the run's artifacts."""
        root = f"{ROOT}/7/{RUN_ID}/artifacts/"
        return {path[len(root) :]: content for path, content in self.server.stored.items()}

    def test_files_folders_texts_dicts_and_tables_are_stored_below_the_runs_artifacts(self) -> None:
        (self.folder / "a b").mkdir()
        (self.folder / "a b" / "ü.bin").write_bytes(b"\0\1")
        (self.folder / "top.txt").write_text("top")
        (self.folder / "empty").touch()
        self.run_in_run(
            "stepwell.log_artifact('top.txt')\n"
            "stepwell.log_artifact('empty', 'in')\n"
            "stepwell.log_artifact('a b', 'in')\n"
            "stepwell.log_artifacts('.', 'all')\n"
            "stepwell.log_text('h\\u00e4', 'texts/a.txt')\n"
            "stepwell.log_dict({'a': [1, object]}, 'd.json')\n"
            "stepwell.log_table({'q': ['x'], 'n': [float('nan')]}, 't.json')\n"
            "stepwell.log_table({'q': 'y', 'more': 1.5}, 't.json')\n"
            "assert not [name for name in sys.modules if name.startswith(('mlflow', 'requests', 'numpy'))]\n"
        )
        self.assertEqual(
            self.stored(),
            {
                "top.txt": b"top",
                "in/empty": b"",
                "in/a b/ü.bin": b"\0\1",
                "all/top.txt": b"top",
                "all/empty": b"",
                "all/a b/ü.bin": b"\0\1",
                "texts/a.txt": "hä".encode(),
                "d.json": b'{\n  "a": [\n    1,\n    "<class \'object\'>"\n  ]\n}',
                "t.json": b'{"columns":["q","n","more"],"data":[["x",null,null],["y",null,1.5]]}',
            },
        )
        self.assertEqual(set(self.server.types.values()), {"text/plain", "application/octet-stream"})

    def test_a_long_file_is_sent_in_pieces_and_again_where_its_connection_breaks(self) -> None:
        length = 256 * 2**20
        with open(self.folder / "long.bin", "wb") as file:
            file.truncate(length)
        self.server.breaks = 1
        printed = self.run_in_run(
            "import resource\nrss = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "stepwell.log_text('before', 'before.txt'); before = rss()\n"
            "stepwell.log_artifact('long.bin')\nprint(rss() - before)\n"
        )
        self.assertEqual(self.stored()["long.bin"], str(length).encode())
        self.assertLess(int(printed), 32 * 1024)

    def test_trouble_is_said_with_what_the_server_said_and_nothing_else_is_hurt(self) -> None:
        (self.folder / "long.bin").write_bytes(b"x" * 2**22)
        self.server.refusal = (400, "Invalid path.")
        self.run_in_run(
            "def refused(code, said, log, *arguments):\n"
            "    try: log(*arguments)\n"
            "    except stepwell.StepwellError as e: assert e.code == code and said in str(e), e\n"
            "    else: raise AssertionError(said)\n"
            "said = 'was 400: Invalid path. '\n"
            "refused('STEPWELL_ARTIFACT_REFUSED', said, stepwell.log_artifact, 'long.bin')\n"
            "no = 'STEPWELL_ARTIFACT_INVALID'\n"
            "refused(no, 'none.bin', stepwell.log_artifact, 'none.bin')\n"
            "refused(no, 'none', stepwell.log_artifacts, 'none')\n"
            "refused(no, '../a', stepwell.log_text, 'text', '../a')\n"
            "refused(no, 'str', stepwell.log_figure, 'text', 'a.png')\n"
            "refused(no, 'str', stepwell.log_image, 'text', 'a.png')\n"
            "refused(no, 'either', stepwell.log_image, 'text')\n"
            "refused(no, 'a.csv', stepwell.log_table, {}, 'a.csv')\n"
            "stepwell.log_metric('still', 1.0); stepwell.flush()\n"
        )

    def test_artifacts_that_no_server_takes_are_told_apart_and_those_of_this_machine_are_copied(self) -> None:
        self.server.artifact_uri = "s3://key:secret@bucket/7?token=secret"
        text = (
            "try: stepwell.log_text('text', 'a.txt')\nexcept stepwell.StepwellError as error: print(error)\n"
        )
        said = self.run_in_run(text)
        self.assertRegex(said, r"^STEPWELL_ARTIFACTS_ELSEWHERE: .* s3://bucket/7, .* MLflow's own client ")
        self.assertNotIn("secret", said)
        folder = Path(self.home) / "a b"
        for uri in (folder.as_uri(), str(folder)):
            self.server.artifact_uri = uri
            self.run_in_run("stepwell.log_text('text', 'in/a.txt'); stepwell.log_table({'a': 1}, 't.json')")
            self.assertEqual((folder / "in" / "a.txt").read_text(), "text")
        self.assertEqual(sorted(os.listdir(folder)), ["in", "t.json"])

    def test_autolog_says_in_one_line_that_it_needs_mlflow(self) -> None:
        done = self.run_program("import stepwell\nstepwell.autolog(disable=True)\n")
        said = (
            "STEPWELL_SETTING_INVALID: autolog() is MLflow's, which is not installed (pip install mlflow): "
        )
        self.assertEqual((done.returncode, done.stderr.count("\n"), done.stderr[: len(said)]), (0, 1, said))


class Contents(unittest.TestCase):
    def test_paths_of_artifacts_are_those_that_mlflow_takes(self) -> None:
        for path in ("a", "a/b c", "ü", "..a/b"):
            self.assertEqual(artifact_files.checked_artifact(path), path)
        for path in ("", ".", "..", "../a", "a/../../b", "/a", "a//b", "a/", "./a", "a\0"):
            with self.assertRaises(StepwellError):
                artifact_files.checked_artifact(path)

    def test_types_are_mlflows(self) -> None:
        for name in ("a/MLmodel", "conda.yaml", "a.json", "a.txt", "a.log"):
            self.assertEqual(media_type_of(name), "text/plain")
        self.assertEqual(
            [media_type_of(name) for name in ("a.png", "a")], ["image/png", "application/octet-stream"]
        )

    def test_arrays_become_images_as_mlflow_makes_them(self) -> None:
        try:
            import numpy
            from PIL import Image
        except ImportError:
            self.skipTest("needs NumPy and Pillow")
        image = artifact_files.image_of
        self.assertEqual(image(numpy.array([[0.0, 1.0]])).tobytes(), b"\0\xff")
        self.assertEqual(image(numpy.array([[True, False]])).tobytes(), b"\xff\0")
        self.assertEqual(image(numpy.array([[-1.0, 3.0]])).tobytes(), b"\0\xff")
        self.assertEqual(image(numpy.array([[[7], [8]]])).tobytes(), b"\7\10")
        self.assertEqual(artifact_files.small_copy(Image.new("L", (10, 1000))).size, (2, 256))
        for wrong in (numpy.array([[256]]), numpy.array([1]), numpy.zeros((2, 2, 2)), numpy.array([["a"]])):
            with self.assertRaises(StepwellError):
                image(wrong)

    def test_tables_are_made_of_columns_or_of_one_row(self) -> None:
        table = artifact_files.table_of
        self.assertEqual(
            table({"a": [1, 2], "b": "x"}), {"columns": ["a", "b"], "data": [[1, "x"], [2, "x"]]}
        )
        self.assertEqual(table({"a": 1, "b": "x"}), {"columns": ["a", "b"], "data": [[1, "x"]]})
        for wrong in ([1], {"a": [1], "b": [1, 2]}):
            with self.assertRaises(StepwellError):
                table(wrong)
        with self.assertRaises(StepwellError):
            artifact_files.table_text({"columns": ["a"], "data": [[object()]]})


if __name__ == "__main__":
    unittest.main()
