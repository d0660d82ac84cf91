"""The log calls for artifacts, alike for one run and for several as one."""

import contextlib
import json
import os
import posixpath
import re
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Optional, Protocol

from . import checks
from .artifact_files import (
    below,
    checked_artifact,
    files_below,
    image_of,
    is_image,
    joined,
    small_copy,
    table_of,
    table_text,
    write_dict,
    write_figure,
)
from .buffer import now_ms
from .errors import StepwellError

if TYPE_CHECKING:
    from .artifact_store import ArtifactStore

# MLflow's tags: which tables a run has, and that it has images.
_LOGGED_ARTIFACTS = "mlflow.loggedArtifacts"
_LOGGED_IMAGES = "mlflow.loggedImages"
_IMAGE_KEY = re.compile(r"[a-zA-Z0-9_\-./ ]+")
# What MLflow can't look for in the tag.
_NOT_IN_TABLES = frozenset("\"',:[]{}")


class _TaggedRun(Protocol):
    @property
    def _artifacts(self) -> "Sequence[ArtifactStore]": ...

    def set_tag(self, key: str, value: Any) -> None: ...


class ArtifactCalls:
    """Log calls that wait until the daemon, or the tracker's server, has the artifact.

    All raise StepwellError: STEPWELL_ARTIFACT_INVALID for what can't be logged,
    STEPWELL_ARTIFACTS_ELSEWHERE where the tracker's server does not take artifacts from its clients,
    STEPWELL_ARTIFACT_REFUSED with what the server said, or STEPWELL_DAEMON_UNREACHABLE.
    """

    def _tagged_runs(self) -> "Sequence[_TaggedRun]":
        raise NotImplementedError

    def log_artifact(self, local_path: "str | os.PathLike[str]", artifact_path: Optional[str] = None) -> None:
        """Logs a file, or a folder under its own name, into the run's folder ``artifact_path``."""
        path = os.fspath(local_path)
        name = os.path.basename(os.path.abspath(path))
        if os.path.isdir(path):
            self.log_artifacts(path, below(artifact_path, name))
        else:
            self._put(path, below(artifact_path, name))

    def log_artifacts(self, local_dir: "str | os.PathLike[str]", artifact_path: Optional[str] = None) -> None:
        """Logs all files of a folder, those of folders in it included."""
        folder = os.fspath(local_dir)
        if not os.path.isdir(folder):
            raise StepwellError("STEPWELL_ARTIFACT_INVALID", f"{folder} is no folder.")
        for path, artifact in files_below(folder):
            self._put(path, below(artifact_path, artifact))

    def log_text(self, text: str, artifact_file: str) -> None:
        """Logs a text as a file, in UTF-8."""
        with self._file(artifact_file) as path:
            path.write_bytes(text.encode())

    def log_dict(self, dictionary: Any, artifact_file: str) -> None:
        """Logs a dict or a list as JSON, or as YAML where the file's name ends so."""
        with self._file(artifact_file) as path:
            write_dict(dictionary, path)

    def log_figure(
        self, figure: Any, artifact_file: str, *, save_kwargs: "Optional[dict[str, Any]]" = None
    ) -> None:
        """Logs a figure of Matplotlib or Plotly in the format that the file's name says."""
        with self._file(artifact_file) as path:
            write_figure(figure, path, save_kwargs or {})

    def log_image(
        self,
        image: Any,
        artifact_file: Optional[str] = None,
        key: Optional[str] = None,
        step: Optional[int] = None,
        timestamp: Optional[int] = None,
    ) -> None:
        """Logs an image of Pillow or a NumPy array: as a file, or for MLflow's charts by a key and a step."""
        if (artifact_file is None) == (key is None):
            raise StepwellError("STEPWELL_ARTIFACT_INVALID", "An image has either an artifact_file or a key.")
        made = image_of(image)
        if artifact_file is not None:
            with self._file(artifact_file) as path:
                made.save(path)
            return
        if not _IMAGE_KEY.fullmatch(str(key)):
            sentence = f"The key {key!r:.300} has other characters than letters, digits, _ - . / and spaces."
            raise StepwellError("STEPWELL_ARTIFACT_INVALID", sentence)
        at = now_ms() if timestamp is None else checks.metric_timestamp(timestamp)
        name = f"images/{str(key).replace('/', '~')}+step+{checks.metric_step(step or 0)}+timestamp+{at}"
        self._put_image(made, f"{name}+{uuid.uuid4()}", "+compressed")
        for run in self._tagged_runs():
            run.set_tag(_LOGGED_IMAGES, True)

    def log_table(self, data: Any, artifact_file: str) -> None:
        """Logs a data frame of pandas or a dict of columns as JSON; a table that is there gets the rows."""
        artifact = checked_artifact(artifact_file)
        if not artifact.endswith(".json") or _NOT_IN_TABLES.intersection(artifact):
            sentence = (
                f"A table's file ends in .json and has no \" ' , : [ ] {{ or }}: {artifact!r:.300} is none."
            )
            raise StepwellError("STEPWELL_ARTIFACT_INVALID", sentence)
        table = table_of(data)
        folder = f"table_images/{posixpath.splitext(artifact)[0]}"
        table["data"] = [[self._cell(cell, folder) for cell in row] for row in table["data"]]
        # Before anything is stored.
        table_text(table)
        for run in self._tagged_runs():
            for store in run._artifacts:
                with store.lock:
                    _add_table(run, store, artifact, table)

    def _cell(self, cell: Any, folder: str) -> Any:
        """A table holds the paths of its images."""
        if not is_image(cell):
            return cell
        name = f"{folder}/{uuid.uuid4()}"
        self._put_image(cell, name, "")
        return {"type": "image", "filepath": f"{name}.png", "compressed_filepath": f"{name}.webp"}

    def _put_image(self, image: Any, name: str, small_suffix: str) -> None:
        with self._file(f"{name}.png") as path:
            image.save(path)
        with self._file(f"{name}{small_suffix}.webp") as path:
            small_copy(image).save(path)

    @contextlib.contextmanager
    def _file(self, artifact_file: str) -> Iterator[Path]:
        """A file to write, of the artifact's own name, which is then logged."""
        artifact = checked_artifact(artifact_file)
        with tempfile.TemporaryDirectory(prefix="stepwell-") as folder:
            path = Path(folder) / posixpath.basename(artifact)
            yield path
            self._put(str(path), artifact)

    def _put(self, path: str, artifact: str) -> None:
        for run in self._tagged_runs():
            for store in run._artifacts:
                store.put_file(path, artifact)


def _add_table(run: _TaggedRun, store: "ArtifactStore", artifact: str, table: "dict[str, Any]") -> None:
    known = store.get(artifact)
    whole = table if known is None else joined(json.loads(known), table)
    with tempfile.TemporaryDirectory(prefix="stepwell-") as folder:
        path = Path(folder) / "table.json"
        path.write_text(table_text(whole), encoding="utf-8")
        store.put_file(str(path), artifact)
    logged = json.loads(store.tag(_LOGGED_ARTIFACTS) or "[]")
    entry = {"path": artifact, "type": "table"}
    if entry not in logged:
        run.set_tag(_LOGGED_ARTIFACTS, json.dumps([*logged, entry]))
