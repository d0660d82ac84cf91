"""Runs a command at a terminal of its own and types lines, each when a prompt has come; prints what was shown.

Arguments: a JSON list of [prompt, line] pairs, then the command.
"""

import json
import os
import pty
import select
import sys
import time

TIMEOUT_S = 50

pairs = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[2], sys.argv[2:])

shown = b""
seen = 0
deadline = time.monotonic() + TIMEOUT_S
while time.monotonic() < deadline:
    if pairs and pairs[0][0].encode() in shown[seen:]:
        seen = len(shown)
        os.write(terminal, pairs.pop(0)[1].encode() + b"\r")
    if not select.select([terminal], [], [], 0.1)[0]:
        continue
    try:
        some = os.read(terminal, 4096)
    except OSError:
        break
    if not some:
        break
    shown += some
_, status = os.waitpid(pid, 0)
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(status))
