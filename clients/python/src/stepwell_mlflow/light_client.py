"""Spares MLflow's client, before a gateway, work at each call that changes nothing of what a program sees.

- It looks whether it runs at Databricks: eleven imports that fail, for headers that nobody reads here.
- Whenever it makes a client object, and ``mlflow.log_metric`` makes two, it imports Spark to ask for the
  registry of a session. A process that has not imported Spark has no session.
- It prepares each request anew; light_session.py sends the same bytes with less.

All of that is off as soon as the tracking URI is another one. Parts of MLflow that a version does not have
are left out, and what somebody else replaced meanwhile is left alone.
"""

import contextlib
import importlib
import importlib.util
import os
import re
import sys
import threading
from typing import Any, Callable, Optional

from .light_session import LightSession

# The daemon's own address with a pass, as `stepwell env` prints it.
_GATEWAY = re.compile(r"http://127\.0\.0\.1:\d+/[\w-]{24}/?")
_DATABRICKS_HEADERS = "DatabricksRequestHeaderProvider"
_DATABRICKS_VERSION = ("DATABRICKS_RUNTIME_VERSION", "/databricks/DBR_VERSION")

_lock = threading.RLock()
_followed: Optional[str] = None
_undo: "list[Callable[[], None]]" = []


def follow_mlflow() -> None:
    """Follows the tracking URI of this process's MLflow. Costs a microsecond where it is what it was."""
    service = sys.modules.get("mlflow.tracking._tracking_service.utils")
    follow(getattr(service, "_tracking_uri", None) or os.environ.get("MLFLOW_TRACKING_URI"))


def follow(tracking_uri: Optional[str], at_databricks: bool = False) -> None:
    """MLflow's client speaks to this server from now on. One that is no gateway gets MLflow as it was.

    So does a process at Databricks, which MLflow's looks are for; a step has taken away what would show it.
    """
    global _followed
    if tracking_uri == _followed:
        return
    with _lock:
        while _undo:
            _undo.pop()()
        is_gateway = isinstance(tracking_uri, str) and _GATEWAY.fullmatch(tracking_uri)
        if is_gateway and not at_databricks and not _is_at_databricks():
            # What a version does not have as others do is left as it is.
            with contextlib.suppress(Exception):
                _lighten(tracking_uri.rstrip("/"))
        _followed = tracking_uri


def _is_at_databricks() -> bool:
    variable, file = _DATABRICKS_VERSION
    return variable in os.environ or os.path.exists(file) or _is_there("dbruntime")


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ValueError:
        # It was made in the process, without a file.
        return True


def _lighten(address: str) -> None:
    # MLflow imports it with its first request.
    registry = _module("mlflow.tracking.request_header.registry")
    providers = getattr(getattr(registry, "_request_header_provider_registry", None), "_registry", None)
    for provider in providers if isinstance(providers, list) else ():
        if type(provider).__name__ == _DATABRICKS_HEADERS:
            _replace(provider, "in_context", lambda before: lambda: False)
    _replace(_module("mlflow.tracking._model_registry.utils"), "_get_active_spark_session", _without_spark)
    for name in ("mlflow.utils.request_utils", "mlflow.utils.rest_utils"):
        _replace(_module(name), "_get_request_session", lambda before: _light_sessions(before, address))


def _without_spark(before: Callable[[], Any]) -> Callable[[], Any]:
    return lambda: before() if "pyspark" in sys.modules else None


def _light_sessions(before: Callable[..., Any], address: str) -> Callable[..., Any]:
    return lambda *args, **kwargs: LightSession(before(*args, **kwargs), address)


def _module(name: str) -> Any:
    """A module of an MLflow that is imported; None where it has none of that name."""
    if name not in sys.modules and "mlflow.tracking" in sys.modules:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    return sys.modules.get(name)


def _replace(owner: Any, name: str, make: Callable[[Any], Any]) -> None:
    """Replaces a function of a module, or a method of one object, until what is done is undone."""
    before = getattr(owner, name, None)
    if not callable(before):
        return
    was_own = name in vars(owner)
    ours = make(before)
    setattr(owner, name, ours)

    def undo() -> None:
        if vars(owner).get(name) is not ours:
            return
        if was_own:
            setattr(owner, name, before)
        else:
            delattr(owner, name)

    _undo.append(undo)


def _after_fork_in_child() -> None:
    global _lock
    _lock = threading.RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork_in_child)
