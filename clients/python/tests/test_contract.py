"""The vectors of clients/contract: what is taken, what is refused, and by which code."""

import json
import struct
import unittest
from pathlib import Path
from typing import Any, Callable, Optional

import stepwell
from stepwell import checks
from without_daemon import WithoutDaemon

CONTRACT = Path(__file__).resolve().parents[2] / "contract"
VECTORS = json.loads((CONTRACT / "vectors.json").read_text(encoding="utf-8"))


def text_of(vector: "dict[str, Any]") -> str:
    return str(vector["text"]) * int(vector.get("times", 1))


class Contract(WithoutDaemon):
    run_in_test: stepwell.Run

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.run_in_test = stepwell.start_run(active=False)

    def givers(self) -> "dict[str, Callable[[str], Any]]":
        """How each list of texts is given to the client."""
        run = self.run_in_test
        return {
            "keys": lambda text: run.log_metric(text, 1.0),
            "params": lambda text: run.log_param(f"p{hash(text)}", text),
            "tags": lambda text: run.set_tag("t", text),
            "run_ids": checks.check_run_id,
            "experiment_names": checks.checked_experiment_name,
            "model_ids": lambda text: run.log_metric("m", 1.0, model_id=text),
        }

    def judge(self, what: str, code: Optional[str], call: "Callable[..., Any]", *given: Any) -> None:
        with self.subTest(what):
            if code is None:
                call(*given)
                return
            before = stepwell.stats().pending
            with self.assertRaises(stepwell.StepwellError) as caught:
                call(*given)
            self.assertEqual(caught.exception.code, code)
            self.assertTrue(caught.exception.remedy)
            self.assertEqual(stepwell.stats().pending, before)

    def test_texts_are_taken_or_refused_at_the_call(self) -> None:
        for kind, give in self.givers().items():
            self.assertGreater(len(VECTORS[kind]), 2, kind)
            for vector in VECTORS[kind]:
                text = text_of(vector)
                self.judge(f"{kind}: {vector['name']}", vector.get("code"), give, text)

    def test_malformed_texts_are_refused_at_the_call(self) -> None:
        vectors = [vector for vector in VECTORS["malformed_texts"] if "utf16" in vector]
        self.assertGreater(len(vectors), 2)
        for vector in vectors:
            text = bytes.fromhex(vector["utf16"]).decode("utf-16-be", "surrogatepass")
            for kind in ("keys", "params", "tags"):
                give = self.givers()[kind]
                self.judge(f"{kind}: {vector['name']}", "STEPWELL_TEXT_MALFORMED", give, text)

    def test_statuses_that_do_not_end_are_refused(self) -> None:
        for vector in VECTORS["statuses"]:
            run = stepwell.start_run(active=False)
            self.judge(vector["name"], vector.get("code"), run.end_run, vector["text"])
            run.end_run()

    def test_whole_numbers_are_int64(self) -> None:
        judges = {"steps": checks.metric_step, "timestamps": checks.metric_timestamp}
        calls: dict[str, Callable[[int], Any]] = {
            "steps": lambda number: self.run_in_test.log_metric("k", 1.0, step=number),
            "timestamps": lambda number: self.run_in_test.log_metric("k", 1.0, timestamp=number),
        }
        for kind, call in calls.items():
            for vector in VECTORS[kind]:
                number = int(vector["number"])
                self.judge(f"{kind}: {vector['name']}", vector.get("code"), call, number)
                if "code" not in vector:
                    self.assertEqual(judges[kind](number), number)

    def test_every_double_is_taken_as_it_is(self) -> None:
        for vector in VECTORS["values"]:
            (value,) = struct.unpack(">d", bytes.fromhex(vector["bits"]))
            self.assertEqual(struct.pack(">d", checks.metric_value(value)).hex(), vector["bits"])
            self.judge(vector["name"], None, self.run_in_test.log_metric, "v", value)

    def test_each_remedy_is_that_of_the_contract(self) -> None:
        codes = json.loads((CONTRACT / "errors.json").read_text(encoding="utf-8"))["codes"]
        self.assertGreater(len(codes), 20)
        for code, row in codes.items():
            self.assertEqual(stepwell.StepwellError(code, "It is so.").remedy, row["remedy"])


if __name__ == "__main__":
    unittest.main()
