"""Writes a package with what a step changes of ``mlflow``, and notes of its calls."""

from pathlib import Path

_FILES = {
    "__init__.py": """
from .tracking.fluent import ActiveRun, active_run, autolog, end_run, log_metric, start_run
from .tracking._tracking_service.utils import get_tracking_uri, set_tracking_uri
from .tracking import MlflowClient
from . import sklearn
""",
    "sklearn.py": """
from .utils.autologging_utils import AUTOLOGGING_INTEGRATIONS
from .notes import note
def autolog(disable=False, silent=False):
    AUTOLOGGING_INTEGRATIONS["sklearn"] = {"disable": disable}
    note("autolog", "sklearn", disable, silent)
""",
    "notes.py": """
notes = []
def note(*what): notes.append(list(what))
""",
    "utils/__init__.py": "",
    "utils/autologging_utils.py": "AUTOLOGGING_INTEGRATIONS = {'mlflow': {}, 'sklearn': {}, 'xgboost': {}}\n",
    "tracking/__init__.py": """
from ._tracking_service.utils import get_tracking_uri
class MlflowClient:
    def __init__(self, tracking_uri=None): self.uri = tracking_uri
    def get_run(self, run_id):
        from .fluent import Run, RunInfo
        from ..notes import note
        note("get_run", run_id, self.uri)
        return Run(RunInfo(run_id))
""",
    "tracking/_tracking_service/__init__.py": "",
    "tracking/_tracking_service/utils.py": """
import os
_tracking_uri = None
def set_tracking_uri(uri):
    global _tracking_uri
    _tracking_uri = uri
    if uri is None: os.environ.pop("MLFLOW_TRACKING_URI", None)
    else: os.environ["MLFLOW_TRACKING_URI"] = uri
def get_tracking_uri(): return _tracking_uri or os.environ.get("MLFLOW_TRACKING_URI")
""",
    "tracking/request_header/__init__.py": "",
    "tracking/request_header/registry.py": """
class DatabricksRequestHeaderProvider:
    def in_context(self): return True
class DefaultRequestHeaderProvider: pass
class _Registry:
    _registry = [DatabricksRequestHeaderProvider(), DefaultRequestHeaderProvider()]
_request_header_provider_registry = _Registry()
""",
    "tracking/_model_registry/__init__.py": "",
    "tracking/_model_registry/utils.py": "def _get_active_spark_session(): return 'a session'\n",
    "utils/request_utils.py": """
class Session: pass
def _get_request_session(*options, **more): return Session()
""",
    "tracking/fluent.py": """
import os, threading
from ..notes import note
from ..utils.autologging_utils import AUTOLOGGING_INTEGRATIONS
from ._tracking_service.utils import get_tracking_uri
class ThreadLocalVariable:
    def __init__(self, default_factory): self.default_factory, self.local = default_factory, threading.local()
    def get(self):
        if not hasattr(self.local, "value"): self.local.value = self.default_factory()
        return self.local.value
class RunInfo:
    def __init__(self, run_id): self._run_id = run_id
    @property
    def run_id(self): return self._run_id
class Run:
    def __init__(self, info): self._info = info
    @property
    def info(self): return self._info
class ActiveRun(Run): pass
_active_experiment_id = None
_active_run_stack = STACK
def _stack(): return _active_run_stack.get() if hasattr(_active_run_stack, "get") else _active_run_stack
def active_run(): return _stack()[-1] if _stack() else None
def start_run(nested=False):
    if _stack() and not nested: raise Exception("already active")
    run_id = os.environ.pop("MLFLOW_RUN_ID", None) or f"own-{len(_stack())}"
    _stack().append(ActiveRun(RunInfo(run_id)))
    return _stack()[-1]
def end_run(status="FINISHED"):
    if _stack():
        os.environ.pop("MLFLOW_RUN_ID", None)
        note("end_run", _stack().pop().info.run_id, status)
def log_metric(key, value):
    note("log_metric", (active_run() or start_run()).info.run_id, key, get_tracking_uri())
def autolog(disable=False, silent=False):
    AUTOLOGGING_INTEGRATIONS["mlflow"] = {"disable": disable}
    note("autolog", "mlflow", disable, silent)
""",
}
STACKS = {"of threads": "ThreadLocalVariable(lambda: [])", "of all": "[]", "unknown": "None"}


def write_mlflow(folder: Path, stack: str = "of threads") -> None:
    """Writes the package into a folder, with active runs as one of STACKS."""
    for name, text in _FILES.items():
        path = folder / "mlflow" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("STACK", STACKS[stack]) if name.endswith("fluent.py") else text)
