"""A run that all ranks of a distributed job share.

Each says by a tag, stepwell.rank.N, that it takes part and how it ended; of one that is killed the daemon
says so. The end of the first rank, 0, is the run's. One that is started again goes on.
"""

import socket
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any, Optional

from . import wire
from .errors import StepwellError
from .ranks import ALONE, Rank, rank_here, shared_run_id
from .run import AttachedRun, Run


class _RankKeys(Run):
    """Puts each metric under a prefix, as that of its rank."""

    key_prefix = ""

    def log_metric(
        self,
        key: str,
        value: float,
        step: Optional[int] = None,
        timestamp: Optional[int] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """See Run.log_metric()."""
        super().log_metric(self._prefixed(key), value, step, timestamp, model_id)

    def log_metrics(
        self,
        metrics: Mapping[str, float],
        step: Optional[int] = None,
        timestamp: Optional[int] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """See Run.log_metrics()."""
        if self.key_prefix and isinstance(metrics, Mapping):
            metrics = {self._prefixed(key): value for key, value in metrics.items()}
        super().log_metrics(metrics, step, timestamp, model_id)

    def log_series(
        self,
        key: str,
        steps: Any,
        values: Any,
        timestamps: Optional[Any] = None,
        model_id: Optional[str] = None,
    ) -> None:
        """See Run.log_series()."""
        super().log_series(self._prefixed(key), steps, values, timestamps, model_id)

    def _prefixed(self, key: Any) -> Any:
        # What is no text is refused as it is.
        return self.key_prefix + key if self.key_prefix and isinstance(key, str) else key


class SharedRun(_RankKeys):
    """One rank's part in a run that its job has begun."""

    def __init__(self, rank: Rank, run_id: str, *of_run: Any) -> None:
        self._rank = rank
        # Another machine's daemon may know a run that was begun there.
        goes_on = rank.number == 0 and rank.may_have_moved
        super().__init__(run_id, *of_run, goes_on=goes_on)

    def _start_part(self, parent_run_id: str) -> Optional[bytes]:
        start = super()._start_part(parent_run_id)
        if start is None:
            return None
        where = "" if self._rank.is_with_first else f" on {_host()}"
        return start + wire.tag_part(self._tag, f"RUNNING{where}")

    def _end_part(self, status: str) -> bytes:
        end = super()._end_part(status) if self._rank.number == 0 else b""
        return end + wire.tag_part(self._tag, status)

    @property
    def _tag(self) -> str:
        return f"stepwell.rank.{self._rank.number}"


class _AttachedRankRun(_RankKeys, AttachedRun):
    """One rank's part in a run of `stepwell run`, which that command ends."""


class Sharing:
    """How this process takes part in runs that its job shares."""

    def __init__(self, environment: Mapping[str, str], rank_keys: bool) -> None:
        """Raises STEPWELL_SETTING_INVALID."""
        self._rank = rank_here(environment)
        self._key_prefix = f"rank-{self._rank.number if self._rank else 0}/" if rank_keys else ""

    def begin(
        self, run_id: Optional[str], name: str, experiment: str, trackers: Any, parent_run_id: str
    ) -> Run:
        """Begins the run, or goes on with it. Raises STEPWELL_SETTING_INVALID where nothing names the job."""
        rank = self._rank
        if rank is None:
            rank = ALONE
            run_id = run_id or uuid.uuid4().hex
        elif run_id is None:
            run_id = _run_id_of(rank, (experiment, name, parent_run_id))
        run = SharedRun(rank, run_id, name, experiment, trackers, parent_run_id)
        run.key_prefix = self._key_prefix
        return run

    def attach(self, run_id: str, **of_run: Any) -> Run:
        """Logs to a run that the command began."""
        run = _AttachedRankRun(run_id, **of_run)
        run.key_prefix = self._key_prefix
        return run


# How many runs of these names this process has begun: a job may have several, one after the other.
_begun: "Counter[tuple[str, ...]]" = Counter()


def _run_id_of(rank: Rank, words: "tuple[str, ...]") -> str:
    if not rank.job:
        raise StepwellError(
            "STEPWELL_SETTING_INVALID",
            "The launcher's variables don't tell this distributed job from others.",
            "Give all ranks the same run_id, or the launcher a name for the job, as torchrun --rdzv-id=NAME.",
        )
    _begun[words] += 1
    return shared_run_id(rank.job, (*words, str(_begun[words])))


def _host() -> str:
    return socket.gethostname().encode(errors="replace").decode() or "another machine"
