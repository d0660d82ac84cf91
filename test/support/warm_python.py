"""Stands where Stepwell starts a Python of MLflow's: a server's program is run by a fork of the warm process.

Arguments: the real Python, the warm process's socket, then what this Python was given. Whatever is no server's program is
the real Python's, and all of it is where nobody has needed the warm process for two minutes and it has ended.
"""

import json
import os
import signal
import socket
import sys


def connected(path):
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(path)
    except OSError:
        return None
    return connection


def request(text, argv):
    umask = os.umask(0o077)
    os.umask(umask)
    told = {"text": text, "argv": ["-c", *argv], "env": dict(os.environ), "cwd": os.getcwd(), "umask": umask}
    return f"{json.dumps(told)}\n".encode()


def main():
    real, path, *words = sys.argv[1:]
    is_server = len(words) > 1 and words[0] == "-c" and "uvicorn.Server(" in words[1]
    connection = connected(path) if is_server else None
    if connection is None:
        os.execv(real, [real, *words])
    sent = request(words[1], words[2:])
    begun = socket.send_fds(connection, [sent], [0, 1, 2])
    connection.sendall(sent[begun:])
    answers = connection.makefile()
    pid = int(answers.readline())
    # It ends as it does where it is this process; killed at once, this process takes it along.
    signal.signal(signal.SIGTERM, lambda number, _: os.kill(pid, number))
    # A fork that was killed says nothing.
    os._exit(int(answers.readline() or 1))


main()
