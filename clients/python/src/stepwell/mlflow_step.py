"""MLflow's own code in a step: it logs to the step's run, by way of the daemon, for the time of the step.

The environment's variables, MLflow's tracking URI and its autologging are of the whole process. Of steps that
run at the same time, each in a thread of its own, the one that began last decides the tracking URI until it
ends; each has its own active run, in MLflow 2.18 or later. So they keep apart as long as they log to the same
tracker. A thread that a step starts has no active run in MLflow; what it begins is of the step's experiment.

What was there before a step is there again after it: of steps that run at the same time, after the last.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable, Optional

from .errors import StepwellError
from .gateway_http import is_reachable
from .import_watch import ImportWatch, is_imported
from .mlflow_package import MlflowPackage, PackageState, mlflow_package
from .run import status_after
from .step_environment import RUN_ID, Place, Variables, apply, put_back, variables_at, variables_now
from .warning import warn


class _Visit:
    """A step that is under way, and what it found."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.thread = threading.get_ident()
        self.process = os.getpid()
        self.variables: Variables = {}
        self.package = PackageState()
        # The step's run among MLflow's active ones, and how many there were before it.
        self.run: Any = None
        self.depth = 0


_lock = threading.RLock()
# Steps that are under way, the one that began last at the end.
_visits: "list[_Visit]" = []
_undo_stacks: "Optional[Callable[[], None]]" = None
_NOT_LED = "MLflow's own code in steps may not log to their runs"
_told: "set[str]" = set()
# Where a program runs at Databricks this is in its environment.
_AT_DATABRICKS = "DATABRICKS_RUNTIME_VERSION"


@contextmanager
def mlflow_in_step(place: Optional[Place]) -> Iterator[None]:
    """Lets MLflow's own code log to a step's run. Trouble with MLflow is warned of once, and fails no step.

    Runs that the step began by MLflow and left open end as the step does, the innermost first.
    """
    if place is None:
        yield
        return
    visit = _Visit(place)
    status = "FINISHED"
    try:
        _carefully(lambda: _enter(visit))
        yield
    except BaseException as error:
        status = status_after(type(error), error)
        raise
    finally:
        try:
            # A forked child that leaves the step leaves its parent's runs alone.
            if os.getpid() == visit.process:
                _carefully(lambda: _end_runs(visit, status))
        finally:
            _leave(visit)


def _enter(visit: _Visit) -> None:
    with _lock:
        package = _package()
        visit.variables = variables_now()
        if package is not None:
            visit.package = package.state()
        _visits.append(visit)
        _lead_to(visit.place, package)
        if package is None:
            _watch.start()
            return
        runs = package.runs()
        visit.depth = len(runs)
        visit.run = _run_of(visit, package)
        runs.append(visit.run)
        _forget_run_id()


def _after_import() -> None:
    """A program in a step has imported MLflow: the runs of the steps that are under way become active."""
    global _undo_stacks
    with _lock:
        # It is whole but for the import system's own word.
        package = mlflow_package()
        if package is None or not _visits:
            return
        _watch.stop()
        state = package.state()
        for visit in _visits:
            visit.package = state
            visit.run = _run_of(visit, package)
            visit.depth = _visits_of(visit.thread).index(visit)
        _lead_to(_visits[-1].place, package)
        _undo_stacks = package.begin_stacks_with(_runs_of_this_thread)
        _forget_run_id()


def _package() -> Optional[MlflowPackage]:
    return mlflow_package() if is_imported("mlflow") else None


def _lead_to(place: Place, package: Optional[MlflowPackage]) -> None:
    apply(variables_at(place, os.environ))
    if package is not None:
        package.lead_to(place.tracking_uri, _AT_DATABRICKS in _visits[0].variables)


def _forget_run_id() -> None:
    """A step's run is active: MLflow would take the next one that is begun for the one that this names."""
    os.environ.pop(RUN_ID, None)


def _run_of(visit: _Visit, package: MlflowPackage) -> Any:
    return package.run_object(visit.place.run_id, visit.place.tracking_uri)


def _visits_of(thread: int) -> "list[_Visit]":
    return [visit for visit in _visits if visit.thread == thread]


def _runs_of_this_thread() -> "list[Any]":
    # A forked child begins without an active run, as MLflow has it.
    visits = [visit for visit in _visits_of(threading.get_ident()) if visit.process == os.getpid()]
    return [visit.run for visit in visits if visit.run is not None]


def _end_runs(visit: _Visit, status: str) -> None:
    """Ends what the step left open; its own run ends with the step itself, and the daemon is told of that."""
    package = _package()
    if package is None or visit.run is None:
        return
    package.flush()
    runs = package.runs()
    others = [run for run in runs[visit.depth :] if run is not visit.run]
    # MLflow would try for minutes to reach what is not there.
    can_end = len(others) > 0 and is_reachable(visit.place.tracking_uri)
    while len(runs) > visit.depth:
        if can_end and runs[-1] is not visit.run:
            # Takes it from the list in any case.
            _carefully(lambda: package.fluent.end_run(status))
        else:
            runs.pop()


def _leave(visit: _Visit) -> None:
    global _undo_stacks
    with _lock:
        if visit not in _visits:
            return
        later = _visits[_visits.index(visit) + 1 :]
        _visits.remove(visit)
        if later:
            later[0].variables, later[0].package = visit.variables, visit.package
            return
        package = _package()
        if package is not None:
            _carefully(lambda: package.autolog_off(visit.package.autologging))
            _carefully(lambda: package.put_back(visit.package))
        put_back(visit.variables)
        if _visits and _visits[-1].run is not None:
            _forget_run_id()
        if not _visits:
            _watch.stop()
            if _undo_stacks is not None:
                _undo_stacks()
                _undo_stacks = None


def _carefully(work: Callable[[], object], trouble: str = _NOT_LED) -> None:
    """Whatever is wrong with MLflow is no trouble of the step; each is said once."""
    try:
        work()
    except Exception as error:
        if trouble not in _told:
            _told.add(trouble)
            remedy = "Steps run as ever, and stepwell's own functions log to their runs."
            warn(StepwellError("STEPWELL_INTERNAL", f"{trouble}: {error!r:.300}.", remedy))


def _after_fork_in_child() -> None:
    global _lock
    _lock = threading.RLock()


_watch = ImportWatch("mlflow", lambda: _carefully(_after_import))

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
