"""A run's artifacts at its tracker, by way of the daemon: no package of MLflow is needed."""

import mimetypes
import os
import posixpath
import shutil
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Optional, Union
from urllib.parse import unquote, urlsplit
from urllib.request import url2pathname

from .calls import call_daemon
from .errors import StepwellError
from .gateway_http import Gateway, chunks_of
from .producer import current_producer
from .v1 import gateway_pb2

_GET_RUN = "/api/2.0/mlflow/runs/get"
_ARTIFACTS = "/api/2.0/mlflow-artifacts/artifacts"
# What MLflow takes for text whatever the system's table says.
_TEXTS = frozenset(("MLmodel", "MLproject", "log", "yaml", "yml", "json", "cfg", "conf", "jsonl", "py", "md"))

_lock = threading.Lock()
# Addresses of trackers, by name, for runs that no step or command gave one.
_addresses: dict[str, str] = {}


class ArtifactStore:
    """Where a run's artifacts go at one tracker. Calls wait until they are there, or raise StepwellError."""

    def __init__(self, run_id: str, tracking_uri: str, tracker: str) -> None:
        self._run_id = run_id
        self._tracking_uri = tracking_uri
        self._tracker = tracker
        self._place: Optional[Union[_AtServer, _InFolder]] = None
        # For what is read, changed and written again.
        self.lock = threading.RLock()

    def tracking_uri(self) -> str:
        """The daemon's address for the tracker; it is asked for where none was given with the run."""
        return self._tracking_uri or _address_of(self._tracker)

    def put_file(self, path: str, artifact: str) -> None:
        """Stores a file's content. The file may be of any size; what is added meanwhile is left out."""
        # What is no file, or may not be read, is told before anybody is asked.
        with _readable(path), open(path, "rb") as file:
            length = os.fstat(file.fileno()).st_size
        self._found().put(artifact, Path(path), length)

    def get(self, artifact: str) -> Optional[bytes]:
        """An artifact's content; None where there is none."""
        return self._found().get(artifact)

    def tag(self, key: str) -> str:
        """A tag's value with all that this process has logged, or an empty text."""
        tags = self._run()["data"].get("tags", [])
        return next((str(tag["value"]) for tag in tags if tag["key"] == key), "")

    def _found(self) -> "Union[_AtServer, _InFolder]":
        if self._place is None:
            self._place = _place_of(self._gateway(), str(self._run()["info"].get("artifact_uri", "")))
        return self._place

    def _run(self) -> Any:
        # The daemon has to know of the run, and of what was logged to it.
        current_producer().flush(None)
        return self._gateway().ask(_GET_RUN, run_id=self._run_id)["run"]

    def _gateway(self) -> Gateway:
        return Gateway(self.tracking_uri())


def artifact_stores(run_id: str, tracking_uri: str, trackers: Sequence[str]) -> "list[ArtifactStore]":
    """A run's stores: at the address that was given with it, else at each of its trackers."""
    names = [""] if tracking_uri or not trackers else trackers
    return [ArtifactStore(run_id, tracking_uri, name) for name in names]


class _AtServer:
    """Artifacts that the tracker's server keeps."""

    def __init__(self, gateway: Gateway, root: str) -> None:
        self._gateway = gateway
        self._root = f"{_ARTIFACTS}/{root.strip('/')}"

    def put(self, artifact: str, path: Path, length: int) -> None:
        def content() -> Any:
            with _readable(path), path.open("rb") as file:
                yield from chunks_of(file, length)

        self._gateway.put(f"{self._root}/{artifact}", (content, length), media_type_of(artifact))

    def get(self, artifact: str) -> Optional[bytes]:
        return self._gateway.get(f"{self._root}/{artifact}")


class _InFolder:
    """Artifacts in a folder of this machine: those of a local tracker."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, artifact: str, path: Path, length: int) -> None:
        target = self._folder / artifact
        target.parent.mkdir(parents=True, exist_ok=True)
        # Nobody sees a half of it.
        part = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
        try:
            shutil.copyfile(path, part)
            os.replace(part, target)
        finally:
            part.unlink(missing_ok=True)

    def get(self, artifact: str) -> Optional[bytes]:
        path = self._folder / artifact
        return path.read_bytes() if path.exists() else None


@contextmanager
def _readable(path: "Union[str, Path]") -> Iterator[None]:
    """Trouble with a file is no trouble of the connection that it is sent on."""
    try:
        yield
    except OSError as error:
        raise StepwellError("STEPWELL_ARTIFACT_INVALID", f"{path} can't be read: {error}.") from None


def media_type_of(artifact: str) -> str:
    """As MLflow says it."""
    name = posixpath.basename(artifact)
    if (posixpath.splitext(name)[1].lstrip(".") or name) in _TEXTS:
        return "text/plain"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _place_of(gateway: Gateway, artifact_uri: str) -> "Union[_AtServer, _InFolder]":
    parts = urlsplit(artifact_uri)
    if parts.scheme == "mlflow-artifacts":
        return _AtServer(gateway, unquote(parts.path))
    _, found, below = parts.path.partition("/mlflow-artifacts/artifacts/")
    if parts.scheme in ("http", "https") and found:
        return _AtServer(gateway, unquote(below))
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return _InFolder(Path(url2pathname(parts.path)))
    if os.path.isabs(artifact_uri):
        return _InFolder(Path(artifact_uri))
    # Without the query and a user's name, which may be a password.
    shown = f"{parts.scheme}://{parts.hostname or ''}{parts.path}"
    sentence = f"The tracker's artifacts are at {shown}, which its server does not write to for its clients."
    raise StepwellError("STEPWELL_ARTIFACTS_ELSEWHERE", sentence)


def _address_of(tracker: str) -> str:
    """Asks the daemon for an address of a tracker, once."""
    with _lock:
        known = _addresses.get(tracker)
    if known is not None:
        return known
    request = gateway_pb2.OpenGatewayRequest(tracker=tracker)
    method = "GatewayService/OpenGateway"
    given = call_daemon(os.environ, method, request, gateway_pb2.OpenGatewayResponse).tracking_uri
    with _lock:
        return _addresses.setdefault(tracker, given)
