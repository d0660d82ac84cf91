"""Runs a command on a terminal of its own and types answers: terminal.py '[["expected", "answer"], ...]' COMMAND...

TEST_COLUMNS says how wide the terminal is.

Prints all that the terminal showed and exits as the command did. Ends it after 60 s.
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    if columns := int(os.environ.pop("TEST_COLUMNS", "0")):
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
shown, seen, deadline = b"", 0, time.monotonic() + 60
while time.monotonic() < deadline:
    if steps and (found := shown.find(steps[0][0].encode(), seen)) >= 0:
        seen = found + len(steps[0][0].encode())
        # What is typed before the command has made its prompt quiet would be echoed.
        time.sleep(0.2)
        os.write(terminal, steps.pop(0)[1].encode() + b"\r")
    if not select.select([terminal], [], [], 0.1)[0]:
        continue
    try:
        piece = os.read(terminal, 4096)
    except OSError:
        break
    if not piece:
        break
    shown += piece
else:
    os.kill(pid, 9)
sys.stdout.buffer.write(shown)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) if not steps else 99)
