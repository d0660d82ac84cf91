"""`mlflow server` with the command's own options, answered by this process.

The command prepares the database and the settings, then starts uvicorn in a second process, which imports
all of MLflow once more: seven seconds of a processor for each server that tests start. Here uvicorn runs
where the command would have started it, with the arguments and the environment that the command gives it.
"""

import os
import sys

import mlflow.server
import uvicorn
from mlflow.cli import cli


def serve(command, *, extra_env, **_options):
    os.environ.update(extra_env)
    uvicorn.main(command[command.index("uvicorn") + 1 :])


mlflow.server._exec_cmd = serve
cli(["server", *sys.argv[1:]])
