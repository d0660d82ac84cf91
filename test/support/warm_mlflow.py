"""MLflow, imported once for all test files: each connection gets a fork of this process that runs one script.

A connection begins with a line of JSON: argv, env and cwd. The answer is a line with the fork's process id; from
then on the connection is the fork's stdin, stdout and stderr. Where three files come with the line (see warm_python.py)
those are, and a last line has the exit code; there `text` is the program, and umask its caller's. A fork leads a group of
its own, which is killed when its connection ends. This process ends when it has had none for two minutes.

Before the first of them it makes an empty database where there is none: MLflow's sixty migrations take each server
that a test starts two seconds of a processor, and a copy takes none.
"""

import gc
import json
import os
import runpy
import select
import signal
import socket
import sys

# What servers and clients import: seconds of a processor for each of them.
import mlflow
import mlflow.cli
import mlflow.server
import mlflow.server.fastapi_app
import mlflow.store.model_registry.sqlalchemy_store
import mlflow.store.tracking.sqlalchemy_store
import mlflow.store.db.utils
import mlflow.tracking
import sklearn.linear_model
import sqlalchemy
import uvicorn  # noqa: F401

IDLE_MS = 120_000
# Of a client that has connected and says nothing.
REQUEST_S_MAX = 10
HUNG_UP = select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0)


class Forks:
    """The connections by the process id of the fork that has them."""

    def __init__(self, listener, children):
        self.listener = listener
        # A byte comes here when a fork has ended.
        self.children = children
        self.connections = {}

    def wait(self):
        """Serves what comes; false when nothing came for two minutes and nobody is left."""
        poll = select.poll()
        poll.register(self.listener, select.POLLIN)
        poll.register(self.children, select.POLLIN)
        by_number = {}
        for pid, connection in self.connections.items():
            by_number[connection.fileno()] = pid
            poll.register(connection, HUNG_UP & ~select.POLLHUP & ~select.POLLERR)
        ready = poll.poll(IDLE_MS)
        # What has ended goes first: who comes now may want its port.
        for number, _ in sorted(ready, key=lambda one: one[0] == self.listener.fileno()):
            if number == self.listener.fileno():
                self.accept()
            elif number == self.children:
                os.read(self.children, 4_096)
                self.reap()
            elif by_number[number] in self.connections:
                self.end(by_number[number])
        return bool(ready or self.connections)

    def accept(self):
        connection, _ = self.listener.accept()
        files = []
        try:
            connection.settimeout(REQUEST_S_MAX)
            line = b""
            while not line.endswith(b"\n"):
                part, more, _, _ = socket.recv_fds(connection, 65_536, 3)
                files += more
                if not part:
                    raise OSError("the connection ended before its request")
                line += part
            connection.settimeout(None)
            request = json.loads(line)
            pid = os.fork()
            if pid == 0:
                self.become(connection, request, files)
            self.connections[pid] = connection
        except (OSError, ValueError):
            connection.close()
        finally:
            for number in files:
                os.close(number)

    def become(self, connection, request, files):
        """The fork: runs the script to its end."""
        code = 1
        try:
            os.setsid()
            connection.sendall(f"{os.getpid()}\n".encode())
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in (0, 1, 2):
                os.dup2(files[number] if files else connection.fileno(), number)
            for held in (self.listener, *self.connections.values(), *([] if files else [connection])):
                held.close()
            for number in (self.children, *files):
                os.close(number)
            os.environ.clear()
            os.environ.update(request["env"])
            os.chdir(request["cwd"])
            sys.argv = request["argv"]
            if files:
                os.umask(request["umask"])
                exec(compile(request["text"], "<string>", "exec"), {"__name__": "__main__"})
            else:
                runpy.run_path(sys.argv[0], run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except OSError:
                    pass
            if files:
                connection.sendall(f"{code}\n".encode())
            os._exit(code)

    def reap(self):
        while self.connections:
            pid, _ = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            self.forget(pid)

    def end(self, pid):
        """Its connection has ended."""
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        os.waitpid(pid, 0)
        self.forget(pid)

    def forget(self, pid):
        # What it started dies with it.
        try:
            os.killpg(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        connection = self.connections.pop(pid, None)
        if connection is not None:
            connection.close()


def make_database(path):
    if os.path.exists(path):
        return
    draft = f"{path}.draft"
    if os.path.exists(draft):
        os.unlink(draft)
    engine = sqlalchemy.create_engine(f"sqlite:///{draft}")
    mlflow.store.db.utils._initialize_tables(engine)
    engine.dispose()
    os.rename(draft, path)


def main():
    path, database = sys.argv[1:]
    make_database(database)
    # What forks have in common stays common.
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    if os.path.exists(path):
        os.unlink(path)
    listener.bind(path)
    listener.listen(64)
    read, write = os.pipe()
    os.set_blocking(write, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(write)
    forks = Forks(listener, read)
    while forks.wait():
        pass
    os.unlink(path)


if __name__ == "__main__":
    main()
