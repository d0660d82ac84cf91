"""What a step may say of its trackers, refused before it runs; numbers are rows of the parity list."""

import unittest

from steps_home import StepsTest


class Refusals(StepsTest):
    def refused(self, text: str) -> str:
        out, _ = self.run_steps(
            "try:\n"
            + "".join(f"    {line}\n" for line in text.splitlines())
            + "except stepwell.StepwellError as error:\n    print(error)\n"
        )
        return out

    def test_row_50_a_tracker_that_is_not_attached_is_refused_before_the_step_runs(self) -> None:
        text = "@step(experiment_tracker='mlflow_tracker')\ndef s():\n    print('ran')\ns()"
        self.assertRegex(
            self.refused(text),
            "^STEPWELL_TRACKER_UNKNOWN: .*'?mlflow_tracker'?.*it has: mlflow_experiment_tracker",
        )
        # It left nothing behind.
        self.assertRegex(self.refused("Client().get_pipeline('s')"), "^STEPWELL_PIPELINE_UNKNOWN")

    def test_rows_93_94_95_settings_that_are_wrong_are_refused_with_a_hint(self) -> None:
        made = "@step(experiment_tracker=True, settings={%s})\ndef s():\n    print('ran')\ns()"
        for settings, expected in {
            "'experiment_tracker': {'experiment': 'e'}": "'experiment'. Did you mean 'experiment_name'",
            "'experiment_tracker.mlflow': {'nested': 'maybe'}": "nested is True or False",
            "'experiment_tracker.mlflow': {'tags': 'a=b'}": "tags is a dictionary",
            "'experiment-tracker': {}": "'experiment_tracker', 'experiment_tracker.FLAVOR'",
            "'experiment_tracker': 7": "neither a dictionary nor settings",
        }.items():
            self.assertRegex(self.refused(made % settings), f"^STEPWELL_SETTING_INVALID: .*{expected}")

    def test_names_and_values_that_nothing_could_take_are_refused_at_the_decorator(self) -> None:
        made = "@%s\ndef s():\n    pass\nprint('decorated')"
        settings = "step(experiment_tracker=True, settings={'experiment_tracker': %s})"
        for decorator, code in {
            settings % "{'experiment_name': 'x' * 501}": "STEPWELL_EXPERIMENT_INVALID",
            settings % "{'tags': {'a' * 251: 1}}": "STEPWELL_KEY_INVALID",
            settings % "{'tags': {'a': 'x' * 8001}}": "STEPWELL_VALUE_TOO_LONG",
            settings % "{'tags': {'a': '\\ud800'}}": "STEPWELL_TEXT_MALFORMED",
            settings % "{1: 2}": "STEPWELL_SETTING_INVALID",
            "step(settings={'experiment_tracker:\\ud800': {}})": "STEPWELL_TEXT_MALFORMED",
            "step(experiment_tracker='\\ud800')": "STEPWELL_TEXT_MALFORMED",
            "step(name='x' * 501)": "STEPWELL_VALUE_TOO_LONG",
            "step(name=7)": "STEPWELL_VALUE_INVALID",
            "pipeline(name='\\ud800')": "STEPWELL_TEXT_MALFORMED",
        }.items():
            with self.subTest(decorator):
                self.assertRegex(self.refused(made % decorator), f"^{code}: ")

    def test_a_step_may_be_a_pipelines_function(self) -> None:
        text = "@step(experiment_tracker='on')\ndef s():\n    pass\npipeline(s, name='p')()"
        # Its own settings hold: such a tracker is refused, and not forgotten.
        self.assertIn("STEPWELL_TRACKER_UNKNOWN", self.refused(text))

    def test_rows_91_92_settings_of_a_tracker_that_is_not_attached_are_ignored_with_a_warning(self) -> None:
        text = (
            "@step(experiment_tracker=True, settings={'experiment_tracker:other': {'nested': True},\n"
            "    'experiment_tracker.mlflow': {'tags': {'none': None, 'yes': True}}})\n"
            "def s():\n    return 1\ns()\n"
        )
        _, error = self.run_steps(text)
        self.assertRegex(error, "experiment_tracker:other.*ignored")
        tags = dict(self.rows("SELECT key, value FROM tags WHERE key IN ('none', 'yes', 'stepwell')"))
        self.assertEqual((tags["yes"], sorted(tags)), ("True", ["stepwell", "yes"]))


if __name__ == "__main__":
    unittest.main()
