"""The commit that a program was started from, as MLflow's own tag names it.

Read from git's files, without git, when this package is loaded: a few small reads. Whatever is
not as expected means that there is none.
"""

import os
import re
from pathlib import Path
from typing import Optional

from .limits import GIT_FILE_BYTES_MAX
from .plain_file import read_plain
from .program import PROGRAM_PATH

GIT_COMMIT_TAG = "mlflow.source.git.commit"

# SHA-1, or SHA-256.
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


def _commit_at(program: str) -> str:
    try:
        source = Path(os.path.realpath(program)) if program else None
        if source is None or not source.is_file():
            return ""
        for folder in source.parents:
            path = os.path.join(folder, ".git")
            if os.path.exists(path):
                return _head_of(path)
    except (OSError, ValueError):
        pass
    return ""


def _head_of(path: str) -> str:
    folder = path
    if os.path.isfile(path):
        # A worktree or a submodule: a line says where its folder is.
        folder = os.path.join(os.path.dirname(path), _read(path).partition("gitdir:")[2].strip())
    head = _read(os.path.join(folder, "HEAD")).strip()
    if not head.startswith("ref:"):
        return head if _COMMIT.fullmatch(head) else ""
    reference = head[len("ref:") :].strip()
    shared = os.path.join(folder, _read(os.path.join(folder, "commondir"), "").strip())
    return _commit_of(folder, reference) or _commit_of(shared, reference)


def _commit_of(folder: str, reference: str) -> str:
    commit = _read(os.path.join(folder, reference), "").strip()
    if _COMMIT.fullmatch(commit):
        return commit
    for line in _read(os.path.join(folder, "packed-refs"), "").splitlines():
        packed, _, name = line.partition(" ")
        if name == reference and _COMMIT.fullmatch(packed):
            return packed
    return ""


def _read(path: str, otherwise: Optional[str] = None) -> str:
    try:
        return read_plain(path, GIT_FILE_BYTES_MAX)
    except OSError:
        if otherwise is None:
            raise
        return otherwise


# The commit that is checked out where the program's file lies, or an empty text.
GIT_COMMIT = _commit_at(PROGRAM_PATH)
