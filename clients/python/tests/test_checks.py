"""Bad input is an error with a stable code at the call, and nothing of it is logged."""

import unittest
from typing import Any, Callable

import stepwell
from stepwell.client import PipelineInfo, PipelineRun, StepRun
from stepwell.fan_out import FanOut
from stepwell.v1 import steps_pb2, types_pb2
from without_daemon import WithoutDaemon

STEPS: "dict[str, tuple[Callable[[], Any], str]]" = {
    "a key with a line break": (lambda: stepwell.log_metric("a\nb", 1.0), "STEPWELL_KEY_INVALID"),
    "a key of 251 code points": (lambda: stepwell.log_metric("x" * 251, 1.0), "STEPWELL_KEY_INVALID"),
    "a key that climbs": (lambda: stepwell.set_tag("../up", "x"), "STEPWELL_KEY_INVALID"),
    "a key that is no text": (lambda: stepwell.log_metric(3, 1.0), "STEPWELL_KEY_INVALID"),  # type: ignore[arg-type]
    "a lone surrogate in a key": (lambda: stepwell.log_metric("a\ud800", 1.0), "STEPWELL_TEXT_MALFORMED"),
    "a lone surrogate in a tag": (lambda: stepwell.set_tag("a", "\ud800"), "STEPWELL_TEXT_MALFORMED"),
    "a number as text": (lambda: stepwell.log_metric("a", "0.5"), "STEPWELL_VALUE_INVALID"),  # type: ignore[arg-type]
    "a step beyond int64": (lambda: stepwell.log_metric("a", 1.0, step=2**63), "STEPWELL_STEP_INVALID"),
    "a step below int64": (lambda: stepwell.log_metric("a", 1.0, step=-(2**63) - 1), "STEPWELL_STEP_INVALID"),
    "half a step": (lambda: stepwell.log_metric("a", 1.0, step=0.5), "STEPWELL_STEP_INVALID"),  # type: ignore[arg-type]
    "a negative time": (lambda: stepwell.log_metric("a", 1.0, timestamp=-1), "STEPWELL_TIMESTAMP_INVALID"),
    "a param that is too long": (lambda: stepwell.log_param("a", "x" * 6001), "STEPWELL_VALUE_TOO_LONG"),
    "a tag that is too long": (lambda: stepwell.set_tag("a", "x" * 8001), "STEPWELL_VALUE_TOO_LONG"),
    "uneven columns": (lambda: stepwell.log_series("a", [1, 2], [0.5]), "STEPWELL_COLUMN_UNEVEN"),
    "a step in a series beyond int64": (
        lambda: stepwell.log_series("a", [2**63], [0.5]),
        "STEPWELL_STEP_INVALID",
    ),
    "a model that has no id": (
        lambda: stepwell.log_metric("a", 1.0, model_id=""),
        "STEPWELL_MODEL_ID_INVALID",
    ),
    "a model's name": (
        lambda: stepwell.log_series("a", [1], [0.5], model_id="models:/digits/1"),
        "STEPWELL_MODEL_ID_INVALID",
    ),
    "an unknown status": (lambda: stepwell.end_run("DONE"), "STEPWELL_STATUS_INVALID"),
    "a changed param": (lambda: stepwell.log_param("lr", "2"), "STEPWELL_PARAM_CHANGED"),
}


class Checks(WithoutDaemon):
    run_in_test: stepwell.Run

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.run_in_test = stepwell.start_run()
        stepwell.log_param("lr", "1")

    def test_bad_input_is_refused_with_its_code(self) -> None:
        for what, (call, code) in STEPS.items():
            with self.subTest(what):
                before = stepwell.stats().pending
                with self.assertRaises(stepwell.StepwellError) as caught:
                    call()
                self.assertEqual(caught.exception.code, code)
                self.assertTrue(caught.exception.remedy)
                self.assertEqual(stepwell.stats().pending, before)

    def test_what_mlflow_takes_is_taken(self) -> None:
        before = stepwell.stats().pending
        stepwell.log_metric("x" * 250, 1, step=-(2**63))
        stepwell.log_metric("größe/a b-c.d:e_f", True, step=None)
        stepwell.set_tag("t", "\U0001f600" * 8000)
        stepwell.log_param("lr", "1")
        self.assertGreaterEqual(stepwell.stats().pending - before, 3)

    def test_what_is_printed_of_runs_and_steps_names_them(self) -> None:
        run_id = self.run_in_test.run_id
        self.assertEqual(repr(self.run_in_test), f"Run(run_id={run_id!r})")
        self.assertEqual(repr(FanOut([self.run_in_test])), f"FanOut(runs=[Run(run_id={run_id!r})])")
        pipeline_run = PipelineRun("7" * 32, "digits", "digits-1")
        self.assertEqual(repr(pipeline_run), f"PipelineRun(name='digits-1', id={'7' * 32!r})")
        info = PipelineInfo("digits", pipeline_run)
        self.assertEqual(repr(info), f"PipelineInfo(name='digits', last_run={pipeline_run!r})")
        finished = types_pb2.RunStatus.RUN_STATUS_FINISHED
        message = steps_pb2.StepRun(step_run_id="8" * 32, invocation_id="train", status=finished)
        shown = repr(StepRun(message, steps_pb2.PipelineRun))
        self.assertEqual(shown, f"StepRun(name='train', status='FINISHED', id={'8' * 32!r})")

    def test_a_second_run_needs_to_be_nested(self) -> None:
        with self.assertRaises(stepwell.StepwellError) as caught:
            stepwell.start_run()
        self.assertEqual(caught.exception.code, "STEPWELL_RUN_ACTIVE")


if __name__ == "__main__":
    unittest.main()
