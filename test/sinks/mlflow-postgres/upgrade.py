"""What `mlflow db upgrade` does."""

import sys

from mlflow.cli import cli

cli(["db", "upgrade", sys.argv[1]])
