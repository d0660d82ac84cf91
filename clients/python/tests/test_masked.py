"""What lies below NumPy's mask is never logged."""

import json
import unittest

from daemon_home import DaemonTest

PROGRAM = """
import json, warnings, numpy, stepwell
warnings.simplefilter("ignore")
masked = numpy.ma.array([1.0, 999.0, 3.0], mask=[False, True, False])
codes = []
def refused(*arguments):
    try: stepwell.log_series("refused", *arguments)
    except stepwell.StepwellError as error: codes.append(error.code)
with stepwell.start_run() as run:
    stepwell.log_series("array", numpy.arange(3), masked, numpy.array([5, 6, 7]))
    stepwell.log_series("list", [10, 11, 12], masked, range(3))
    stepwell.log_series("masked below", numpy.ma.array([0, 999, 2], mask=masked.mask), masked, [1, 1, 1])
    stepwell.log_series("integers", [0, 1], numpy.ma.array([7, 999], mask=[False, True]), [1, 1])
    stepwell.log_series("none", range(2), numpy.ma.array([999.0, 999.0], mask=True))
    stepwell.log_series("unmasked", [0, 1], numpy.ma.array([1.0, 2.0]), [1, 1])
    stepwell.log_metric("scalar", masked[1])
    stepwell.log_metric("scalar", masked[1], step=1)
    stepwell.log_metric("scalar", numpy.ma.array(999.0, mask=True), step=2)
    refused(numpy.ma.array([0, 999], mask=[False, True]), [1.0, 2.0])
    refused([0, 1], [1.0, 2.0], numpy.ma.array([0, 999], mask=[False, True]))
    refused([0, 1], masked)
    refused([0], numpy.ma.array([1.0, 999.0], mask=[False, True]))
    refused([0, 1], numpy.ma.array([[1.0, 999.0]], mask=[[False, True]]))
stepwell.flush(60)
print(json.dumps(codes))
"""


class Masked(DaemonTest):
    def test_masked_values_are_left_out_of_series_and_masked_places_are_refused(self) -> None:
        self.with_tracker()
        done = self.run_program(PROGRAM)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        uneven, value = "STEPWELL_COLUMN_UNEVEN", "STEPWELL_VALUE_INVALID"
        codes = ["STEPWELL_STEP_INVALID", "STEPWELL_TIMESTAMP_INVALID", uneven, uneven, value]
        self.assertEqual(json.loads(done.stdout), codes)
        found = self.rows("SELECT key, step, timestamp, value FROM metrics WHERE is_nan = 0 ORDER BY 1, 2")
        expected = [
            *(("array", 0, 5, 1.0), ("array", 2, 7, 3.0)),
            ("integers", 0, 1, 7.0),
            *(("list", 10, 0, 1.0), ("list", 12, 2, 3.0)),
            *(("masked below", 0, 1, 1.0), ("masked below", 2, 1, 3.0)),
            *(("unmasked", 0, 1, 1.0), ("unmasked", 1, 1, 2.0)),
        ]
        self.assertEqual(found, expected)
        # A single masked value is what float() makes of it.
        self.assertEqual(
            self.rows("SELECT key, step FROM metrics WHERE is_nan = 1 ORDER BY 2"),
            [("scalar", step) for step in (0, 1, 2)],
        )


if __name__ == "__main__":
    unittest.main()
