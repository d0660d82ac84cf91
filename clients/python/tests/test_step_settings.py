"""What a step may say of its trackers, refused before it runs; numbers are rows of the parity list."""

import json
import unittest

from steps_home import StepsTest


class Refusals(StepsTest):
    def refused(self, *texts: str) -> "list[str]":
        """What each of them is refused with, in one program."""
        out, _ = self.run_steps(
            f"for text in {texts!r}:\n"
            "    try: exec(text, globals())\n"
            "    except stepwell.StepwellError as error: print(json.dumps(str(error)))\n"
            "    else: print(json.dumps('taken'))\n"
        )
        said = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(len(said), len(texts), out)
        return said

    def all_refused(self, expected: "dict[str, str]") -> None:
        """Each text is refused with what its pattern says."""
        for text, said in zip(expected, self.refused(*expected)):
            with self.subTest(text):
                self.assertRegex(said, expected[text])

    def test_row_50_a_tracker_that_is_not_attached_is_refused_before_the_step_runs(self) -> None:
        text = "@step(experiment_tracker='mlflow_tracker')\ndef s():\n    print('ran')\ns()"
        unknown = "^STEPWELL_TRACKER_UNKNOWN: .*'?mlflow_tracker'?.*it has: mlflow_experiment_tracker"
        # It left nothing behind.
        self.all_refused({text: unknown, "Client().get_pipeline('s')": "^STEPWELL_PIPELINE_UNKNOWN"})

    def test_rows_93_94_95_settings_that_are_wrong_are_refused_with_a_hint(self) -> None:
        made = "@step(experiment_tracker=True, settings={%s})\ndef s():\n    print('ran')\ns()"
        wrong = {
            "'experiment_tracker': {'experiment': 'e'}": "'experiment'. Did you mean 'experiment_name'",
            "'experiment_tracker.mlflow': {'nested': 'maybe'}": "nested is True or False",
            "'experiment_tracker.mlflow': {'tags': 'a=b'}": "tags is a dictionary",
            "'experiment-tracker': {}": "'experiment_tracker', 'experiment_tracker.FLAVOR'",
            "'experiment_tracker': 7": "neither a dictionary nor settings",
        }
        self.all_refused(
            {made % settings: f"^STEPWELL_SETTING_INVALID: .*{said}" for settings, said in wrong.items()}
        )

    def test_names_and_values_that_nothing_could_take_are_refused_at_the_decorator(self) -> None:
        made = "@%s\ndef s():\n    pass"
        settings = "step(experiment_tracker=True, settings={'experiment_tracker': %s})"
        wrong = {
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
        }
        self.all_refused({made % decorator: f"^{code}: " for decorator, code in wrong.items()})

    def test_a_step_may_be_a_pipelines_function(self) -> None:
        text = "@step(experiment_tracker='on')\ndef s():\n    pass\npipeline(s, name='p')()"
        # Its own settings hold: such a tracker is refused, and not forgotten.
        self.all_refused({text: "STEPWELL_TRACKER_UNKNOWN"})

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
