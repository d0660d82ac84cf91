"""A process without a daemon: what it logs stays in its buffer, where it is counted."""

import logging
import os
import unittest


class WithoutDaemon(unittest.TestCase):
    """What is logged in such a test reaches nobody, and the process's end waits for nothing."""

    @classmethod
    def setUpClass(cls) -> None:
        logging.getLogger("stepwell").setLevel(logging.CRITICAL)
        os.environ["STEPWELL_ENDPOINT"] = "unix:/nonexistent/stepwell.sock"
        os.environ["STEPWELL_AUTOSTART"] = "0"
        os.environ["STEPWELL_QUIET"] = "1"
        os.environ["STEPWELL_EXIT_TIMEOUT"] = "0"
