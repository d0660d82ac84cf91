"""`mlflow server` with the command's own options, answered by this process.

The command prepares the database and the settings, then starts uvicorn in a second process, which imports
all of MLflow once more: seven seconds of a processor for each server that tests start. Here uvicorn runs
where the command would have started it, with the arguments and the environment that the command gives it.
Its workers are forks that share a port, as uvicorn's are, which would import all of it once more each.
"""

import functools
import gc
import os
import sys

import mlflow.server
import sqlalchemy
import uvicorn
import werkzeug.security
from mlflow.cli import cli

# A password is looked at with each request, for a tenth of a second of a processor by itself.
werkzeug.security.generate_password_hash = functools.partial(
    werkzeug.security.generate_password_hash, method="pbkdf2:sha256:1000"
)


def serve(command, *, extra_env, **_options):
    os.environ.update(extra_env)
    arguments = command[command.index("uvicorn") + 1 :]
    given = uvicorn.main.make_context("uvicorn", arguments).params
    names = ("app", "host", "port", "log_config")
    config = uvicorn.Config(**{name: given[name] for name in names})
    shared = config.bind_socket()
    # No two of them may have one connection.
    for engine in [each for each in gc.get_objects() if isinstance(each, sqlalchemy.Engine)]:
        engine.dispose()
    for _ in range((given["workers"] or 1) - 1):
        if os.fork() == 0:
            break
    uvicorn.Server(config).run(sockets=[shared])


mlflow.server._exec_cmd = serve
cli(["server", *sys.argv[1:]])
