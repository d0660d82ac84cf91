"""What is logged as an artifact, written to a file as MLflow writes it; packages are used where they are."""

import importlib.util
import json
import os
import posixpath
from pathlib import Path
from typing import Any, Optional

from . import limits
from .errors import StepwellError


def checked_artifact(path: Any) -> str:
    """A path below a run's artifacts. Raises STEPWELL_ARTIFACT_INVALID for one that MLflow refuses."""
    text = str(path)
    plain = posixpath.normpath(text)
    if plain != text or plain in (".", "..") or plain.startswith(("../", "/")) or "\0" in text:
        raise StepwellError("STEPWELL_ARTIFACT_INVALID", f"An artifact can't be at {text!r:.300}.")
    return text


def write_dict(content: Any, path: Path) -> None:
    """As JSON, or as YAML by the file's name; every JSON text is YAML."""
    is_yaml = path.suffix in (".yml", ".yaml")
    if is_yaml and importlib.util.find_spec("yaml") is not None:
        import yaml  # type: ignore[import-untyped]

        path.write_text(yaml.dump(content, indent=2, default_flow_style=False), encoding="utf-8")
    else:
        path.write_text(json.dumps(content, indent=2, default=str), encoding="utf-8")


def write_figure(figure: Any, path: Path, save_kwargs: "dict[str, Any]") -> None:
    """A figure of Matplotlib or Plotly, in the format that the file's name says."""
    if hasattr(figure, "savefig"):
        figure.savefig(path, **save_kwargs)
    elif hasattr(figure, "write_html") and path.suffix == ".html":
        figure.write_html(str(path), **{"include_plotlyjs": "cdn", "auto_open": False, **save_kwargs})
    elif hasattr(figure, "write_image"):
        figure.write_image(str(path), **save_kwargs)
    else:
        raise _invalid(f"A {type(figure).__name__} is no figure of Matplotlib or Plotly.")


def is_image(value: Any) -> bool:
    """Whether it is an image of Pillow, or as one."""
    return callable(getattr(value, "save", None)) and callable(getattr(value, "resize", None))


def image_of(value: Any) -> Any:
    """An image of Pillow: of such a one, a NumPy array or MLflow's. Raises STEPWELL_ARTIFACT_INVALID."""
    if callable(getattr(value, "to_pil", None)):
        return value.to_pil()
    if hasattr(value, "dtype") and hasattr(value, "shape"):
        return _image_of_array(value)
    if is_image(value):
        return value
    raise _invalid(f"A {type(value).__name__} is no image of Pillow and no NumPy array.")


def small_copy(image: Any) -> Any:
    """What MLflow shows in lists."""
    longer = limits.SMALL_IMAGE_PIXELS
    width, height = image.size
    if width > height:
        return image.resize((longer, max(1, int(height * longer / width))))
    return image.resize((max(1, int(width * longer / height)), longer))


def table_of(data: Any) -> "dict[str, Any]":
    """A table as pandas has it by ``orient="split"``: of a data frame, or of a dict of columns or of a row.

    Raises STEPWELL_ARTIFACT_INVALID.
    """
    if hasattr(data, "to_dict") and hasattr(data, "columns"):
        split = data.to_dict(orient="split")
        return {"columns": [str(name) for name in split["columns"]], "data": split["data"]}
    if not isinstance(data, dict):
        raise _invalid(f"A {type(data).__name__} is no data frame and no dict.")
    columns = {str(name): column for name, column in data.items()}
    if not any(_is_column(column) for column in columns.values()):
        return {"columns": list(columns), "data": [list(columns.values())]}
    lengths = {len(column) for column in columns.values() if _is_column(column)}
    if len(lengths) > 1:
        raise _invalid(f"The table's columns have different lengths: {sorted(lengths)}.")
    (length,) = lengths
    filled = [list(each) if _is_column(each) else [each] * length for each in columns.values()]
    return {"columns": list(columns), "data": [list(row) for row in zip(*filled)]}


def joined(first: "dict[str, Any]", second: "dict[str, Any]") -> "dict[str, Any]":
    """The rows of both tables; a cell that one has no column for is null."""
    columns = list(dict.fromkeys((*first["columns"], *second["columns"])))
    rows = []
    for table in (first, second):
        for row in table["data"]:
            cells = dict(zip(table["columns"], row))
            rows.append([cells.get(name) for name in columns])
    return {"columns": columns, "data": rows}


def table_text(table: "dict[str, Any]") -> str:
    """As JSON. Raises STEPWELL_ARTIFACT_INVALID for a cell that JSON has nothing for."""
    try:
        return json.dumps(_without_nan(table), default=_json_of, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise _invalid(f"The table can't be written as JSON: {error}.") from None


def _is_column(value: Any) -> bool:
    return (
        not isinstance(value, (str, bytes, dict)) and hasattr(value, "__len__") and hasattr(value, "__iter__")
    )


def _without_nan(value: Any) -> Any:
    if isinstance(value, float):
        return value if value - value == 0 else None
    if isinstance(value, dict):
        return {str(key): _without_nan(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_without_nan(each) for each in value]
    return value


def _json_of(value: Any) -> Any:
    """Dates and times as ISO 8601 has them, NumPy's numbers and arrays as Python's."""
    for name in ("isoformat", "tolist"):
        convert = getattr(value, name, None)
        if callable(convert):
            return _without_nan(convert())
    raise TypeError(f"a {type(value).__name__} is neither text nor number")


def _image_of_array(array: Any) -> Any:
    try:
        import numpy
        from PIL import Image
    except ImportError as error:
        raise _invalid(
            f"An array becomes an image by Pillow and NumPy, which are not here: {error}."
        ) from None
    kind = array.dtype.kind
    if (
        kind not in "biuf"
        or array.ndim not in (2, 3)
        or (array.ndim == 3 and array.shape[2] not in (1, 3, 4))
    ):
        raise _invalid(f"An array of {array.dtype} and the shape {array.shape} is no image.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[:, :, 0]
    if kind in "iu":
        if array.size and (array.min() < 0 or array.max() > 255):
            raise _invalid("Whole numbers in an image are from 0 to 255.")
        return Image.fromarray(array.astype(numpy.uint8))
    if kind == "f" and array.size and (array.min() < 0 or array.max() > 1):
        spread = array.max() - array.min()
        array = (array - array.min()) / (spread if spread > 0 else 1)
    return Image.fromarray((array * 255).astype(numpy.uint8))


def files_below(folder: str) -> "list[tuple[str, str]]":
    """The files in a folder and all below it, each with its path there, as artifacts have paths."""
    found = []
    for root, _, names in os.walk(folder):
        below = os.path.relpath(root, folder)
        for name in names:
            path = name if below == os.curdir else os.path.join(below, name)
            found.append((os.path.join(root, name), path.replace(os.sep, "/")))
    return sorted(found)


def below(folder: Optional[str], path: str) -> str:
    """A path in a folder of artifacts, or at their top."""
    return posixpath.join(checked_artifact(folder), path) if folder else path


def _invalid(sentence: str) -> StepwellError:
    return StepwellError("STEPWELL_ARTIFACT_INVALID", sentence)
