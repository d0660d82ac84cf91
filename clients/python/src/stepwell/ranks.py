"""Ranks: processes of a distributed job that a launcher started, as its variables tell of them.

All ranks of a job find the same key for it, whichever machine they are on, and another job finds
another one; from that they make the id of a run that they share, and need not talk to each other.
"""

import hashlib
import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Optional

from .errors import StepwellError
from .identity import boot_id, parent_with_variable, start_ticks
from .limits import ANCESTORS_MAX

_TORCH_ID = "TORCHELASTIC_RUN_ID"
# torchrun's own default, which all jobs have.
_NO_TORCH_ID = ("", "none")
_RESTARTS = ("TORCHELASTIC_RESTART_COUNT", "SLURM_RESTART_COUNT")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class _Launcher(NamedTuple):
    """Variables of one kind of launcher."""

    rank: str
    size: "tuple[str, ...]"
    local_rank: str
    local_size: "tuple[str, ...]"
    # Those that name the job; all of them have to be there.
    job: "tuple[str, ...]"


# The first one whose rank is there decides: torchrun may itself be started by SLURM.
_LAUNCHERS = (
    _Launcher("RANK", ("WORLD_SIZE",), "LOCAL_RANK", ("LOCAL_WORLD_SIZE",), (_TORCH_ID,)),
    _Launcher(
        "OMPI_COMM_WORLD_RANK",
        ("OMPI_COMM_WORLD_SIZE",),
        "OMPI_COMM_WORLD_LOCAL_RANK",
        ("OMPI_COMM_WORLD_LOCAL_SIZE",),
        ("PMIX_NAMESPACE",),
    ),
    _Launcher("PMI_RANK", ("PMI_SIZE",), "MPI_LOCALRANKID", ("MPI_LOCALNRANKS",), ("PMI_JOBID",)),
    _Launcher(
        "SLURM_PROCID",
        ("SLURM_STEP_NUM_TASKS", "SLURM_NTASKS"),
        "SLURM_LOCALID",
        (),
        ("SLURM_JOB_ID", "SLURM_STEP_ID"),
    ),
)
_SLURM = _LAUNCHERS[-1]


class Rank(NamedTuple):
    """One process of a job."""

    number: int
    # The same in all ranks of the job, and in no other job; empty where the variables name none.
    job: str
    # Whether the first rank, 0, is on this machine.
    is_with_first: bool
    # Whether it was started before, perhaps on another machine.
    may_have_moved: bool = False


# Outside of a job.
ALONE = Rank(0, "", True)


def is_first_rank(environment: Mapping[str, str]) -> bool:
    """Whether this is the first process of a distributed job, or of none."""
    names = (launcher.rank for launcher in _LAUNCHERS)
    return next((environment[name] for name in names if environment.get(name)), "0").strip() in ("0", "")


def rank_here(environment: Mapping[str, str]) -> Optional[Rank]:
    """This process as a rank of its job, or None outside of one. Raises STEPWELL_SETTING_INVALID."""
    launcher = _launcher(environment)
    if launcher is None:
        return None
    number = _whole(environment[launcher.rank])
    size = _first(environment, launcher.size)
    is_one_node = _is_one_node(environment, launcher, size)
    # Ranks are given out one machine after the other, so that those of the first have no other number there.
    is_with_first = number == 0 or is_one_node or environment.get(launcher.local_rank) == str(number)
    may_have_moved = not is_one_node and any(environment.get(name, "0") != "0" for name in _RESTARTS)
    return Rank(number, _job(environment, launcher, is_one_node), is_with_first, may_have_moved)


def shared_run_id(job: str, words: Sequence[str]) -> str:
    """The id of a run that all ranks of a job make: of the job and of what they call the run."""
    digest = hashlib.sha256()
    for word in ("stepwell shared run", job, *words):
        encoded = word.encode()
        digest.update(b"%d:" % len(encoded) + encoded)
    return digest.hexdigest()[:32]


def _launcher(environment: Mapping[str, str]) -> Optional[_Launcher]:
    for launcher in _LAUNCHERS:
        # SLURM sets a rank in a job's own script, too, which is none of a step's.
        if environment.get(launcher.rank) and (launcher is not _SLURM or environment.get("SLURM_STEP_ID")):
            return launcher
    return None


def _job(environment: Mapping[str, str], launcher: _Launcher, is_one_node: bool) -> str:
    words = [environment.get(name, "") for name in launcher.job]
    named = "" if any(word in _NO_TORCH_ID for word in words) else "/".join([launcher.rank, *words])
    if not named and all(environment.get(name) for name in _SLURM.job):
        named = "/".join(["SLURM", *(environment[name] for name in _SLURM.job)])
    # A name may be given again; who launched the processes of one machine is never the same again.
    if is_one_node and launcher is not _SLURM:
        return f"{named}/{_started_by(launcher.rank)}"
    return named


def _is_one_node(environment: Mapping[str, str], launcher: _Launcher, size: str) -> bool:
    local_size = _first(environment, launcher.local_size)
    if local_size:
        return local_size == size
    if launcher is _SLURM:
        return environment.get("SLURM_STEP_NUM_NODES", environment.get("SLURM_NNODES")) == "1"
    return size == "1" or environment.get("MASTER_ADDR") in _LOOPBACK


def _started_by(variable: str) -> str:
    """The process that started the ranks: the nearest above this one that is no rank itself."""
    pid = os.getppid()
    for _ in range(ANCESTORS_MAX):
        above = parent_with_variable(pid, variable)
        if above is None:
            break
        pid = above
    return f"{boot_id()}/{pid}/{start_ticks(pid)}"


def _first(environment: Mapping[str, str], names: "tuple[str, ...]") -> str:
    return next((environment[name] for name in names if environment.get(name)), "")


def _whole(text: str) -> int:
    try:
        return max(0, int(text.strip()))
    except ValueError:
        raise StepwellError(
            "STEPWELL_SETTING_INVALID", f"The launcher's variables give {text!r:.80} as this process's rank."
        ) from None
