"""Starts runs, goes on with them, and attaches to those that somebody else began."""

import os
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional, Union

from . import checks
from .active import active_run, is_of_process_above, own_run, push
from .errors import StepwellError
from .fan_out import AnyRun, FanOut
from .git_commit import GIT_COMMIT, GIT_COMMIT_TAG
from .limits import TAG_VALUE_CODE_POINTS_MAX
from .notices import told_begin
from .process_end import end_with_process, send_at_end
from .rank_run import Sharing
from .run import AttachedRun, Run
from .run_board import RUN_ID_VARIABLE
from .step_environment import TRACKING_URI
from .system_metrics import SYSTEM_METRICS_TAG, system_metrics_tag

Trackers = Union[str, Sequence[str], None]


def start_run(
    run_name: Optional[str] = None,
    experiment_name: Optional[str] = None,
    experiment_tracker: Trackers = None,
    run_id: Optional[str] = None,
    *,
    tags: Optional[Mapping[str, Any]] = None,
    nested: bool = False,
    active: bool = True,
    shared: bool = False,
    rank_keys: bool = False,
    system_metrics: Union[bool, float, None] = None,
) -> AnyRun:
    """Starts a run, or goes on with the one that has ``run_id``, and makes it this thread's active one.

    Returns at once: the id is made here. Use it as a context manager, or end it with
    end_run(). What the main thread begins is also active in threads that begin none.
    ``experiment_tracker`` is a name or a list of names; None is the active stack's.
    ``nested=True`` starts a run inside the active one, as its child. ``active=False`` leaves
    the active run alone. A child is in its parent's experiment and at its trackers unless
    others are given. In a process that was started by one with an active run, the new run is that
    one's child.

    ``shared=True`` starts one run for all ranks of a distributed job: torchrun, SLURM, MPI and what
    sets their variables. All of them call it with the same names. The end of rank 0 is the run's;
    each other one has its own in the tag ``stepwell.rank.N``. A rank that is started again goes on.
    ``rank_keys=True`` logs each metric below its rank, as ``rank-3/loss``. Outside of a job there is
    rank 0 alone.

    ``system_metrics=True`` has the daemon log what the machine does and what this process and its
    children take, every 10 s; a number is the seconds between two points, from 1 to 3,600. None is what
    MLflow's variables say (MLFLOW_ENABLE_SYSTEM_METRICS_LOGGING), or else the tracker.

    In a program that ``stepwell run`` started, the first form logs to that command's run, which
    the command ends.

    Raises StepwellError with STEPWELL_RUN_ACTIVE when this thread has an active run already,
    STEPWELL_RUN_ID_INVALID, STEPWELL_EXPERIMENT_INVALID, STEPWELL_VALUE_TOO_LONG,
    STEPWELL_VALUE_INVALID, STEPWELL_TEXT_MALFORMED, STEPWELL_SETTING_INVALID where a launcher's
    variables don't tell its job from others or, for a tag, what set_tag() raises.
    """
    system = system_metrics_tag(system_metrics)
    mine = own_run()
    if active and mine is not None and not nested:
        raise StepwellError("STEPWELL_RUN_ACTIVE", f"The run {mine.run_id} is active.")
    parent = active_run()
    inherited = _inherited_run_ids()
    sharing = Sharing(os.environ, rank_keys) if shared else None
    above = parent if parent is not None and is_of_process_above(parent) else None
    # The process above may have begun a run of its own beside the command's.
    if active and run_id is None and inherited and not nested and (above is None or _ids(above) == inherited):
        run = attached(inherited, AttachedRun if sharing is None else sharing.attach)
    else:
        if parent is None and nested and inherited:
            parent = attached(inherited)
        is_child = nested or (above is not None and active and run_id is None)
        upper = parent if is_child else None
        run = _begun(run_name, experiment_name, experiment_tracker, run_id, upper, sharing)
    if system is not None:
        run.set_tag(SYSTEM_METRICS_TAG, system)
    if tags is not None:
        run.set_tags(tags)
    if active:
        push(run)
    return run


def attached(run_ids: Sequence[str], attach: Callable[..., Run] = AttachedRun) -> AnyRun:
    """Runs that somebody else began and will end, as one."""
    for run_id in run_ids:
        checks.check_run_id(run_id)
    send_at_end()
    return as_one([attach(run_id, tracking_uri=_inherited_address(run_ids)) for run_id in run_ids])


def as_one(runs: Sequence[Run]) -> AnyRun:
    """One run as it is, several as one."""
    return runs[0] if len(runs) == 1 else FanOut(runs)


def _inherited_run_ids() -> list[str]:
    return [run_id for run_id in os.environ.get(RUN_ID_VARIABLE, "").split(",") if run_id]


def _ids(run: AnyRun) -> list[str]:
    return [each.run_id for each in (run.runs if isinstance(run, FanOut) else (run,))]


def _inherited_address(run_ids: Sequence[str]) -> str:
    """The gateway's address that `stepwell run` gives with its run."""
    uri = os.environ.get(TRACKING_URI, "")
    return uri if list(run_ids) == _inherited_run_ids() and uri.startswith("http://127.0.0.1:") else ""


def _begun(
    run_name: Optional[str],
    experiment_name: Optional[str],
    trackers: Trackers,
    run_id: Optional[str],
    parent: Optional[AnyRun],
    sharing: Optional[Sharing],
) -> AnyRun:
    parents: Sequence[Optional[Run]] = (None,)
    if parent is not None:
        parents = parent.runs if isinstance(parent, FanOut) else (parent,)
    name = (
        "" if run_name is None else checks.checked_text("The run's name", run_name, TAG_VALUE_CODE_POINTS_MAX)
    )
    experiment = checks.checked_experiment_name(experiment_name)
    names = _trackers(trackers)
    if run_id is not None:
        checks.check_run_id(run_id)
    runs = []
    for above in parents:
        of_run = (
            name,
            experiment or (above.experiment_name if above else ""),
            names or (above.trackers if above else ()),
            above.run_id if above else "",
        )
        if sharing is not None:
            runs.append(sharing.begin(run_id, *of_run))
        else:
            runs.append(Run(run_id or uuid.uuid4().hex, *of_run, goes_on=run_id is not None))
    for run in runs:
        run.told_name = told_begin(run.run_id, run.run_name, "begins" if run_id is None else "goes on")
        end_with_process(run)
        tag_commit(run)
    return as_one(runs)


def tag_commit(run: Run) -> None:
    """Sets MLflow's tag for the program's commit, where there is one."""
    if GIT_COMMIT != "":
        run.set_tag(GIT_COMMIT_TAG, GIT_COMMIT)


def _trackers(given: Trackers) -> list[str]:
    names = [] if given is None else [given] if isinstance(given, str) else list(given)
    return [
        checks.checked_text("The experiment tracker's name", name, TAG_VALUE_CODE_POINTS_MAX)
        for name in names
    ]
