"""Prints, as JSON, what the public names of the Python client say of themselves, read and not run."""

import ast
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Optional

package = Path(sys.argv[1]) / "stepwell"


def parsed(module: str) -> "tuple[str, ast.Module]":
    source = (package / f"{module}.py").read_text(encoding="utf-8")
    return source, ast.parse(source)


def public_names() -> "dict[str, str]":
    """Each name of __all__ with the module that has it."""
    _, tree = parsed("__init__")
    homes = {
        alias.asname or alias.name: node.module or ""
        # What is loaded later stands below a condition.
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return {name: homes[name] for name in ast.literal_eval(node.value) if name in homes}
    raise SystemExit("there is no __all__")


def one_line(text: Optional[str]) -> str:
    """A signature that is written over several lines, in one."""
    line = " ".join((text or "").split()).replace("( ", "(").replace(", )", ")").replace(" )", ")")
    return line.replace("[ ", "[").replace(",]", "]")


def signature(source: str, node: Any, owner: str = "") -> str:
    """The line of its definition, as it is written."""
    head = source.splitlines()[node.lineno - 1 : node.body[0].lineno - 1]
    text = one_line("\n".join(head)).split("def ", 1)[-1].rstrip(":")
    if node.body[0].lineno == node.lineno:
        text = one_line(source.splitlines()[node.lineno - 1]).split("def ", 1)[-1].split(": ...")[0]
    for first in ("self, ", "self", "cls, ", "cls"):
        text = text.replace(f"{node.name}({first}", f"{node.name}(", 1)
    return f"{owner}{text}"


def text_of(node: Any) -> str:
    """Its docstring, with code in Markdown's marks."""
    return (ast.get_docstring(node) or "").replace("``", "`")


def member(source: str, node: Any, owner: str) -> "dict[str, str]":
    name = node.name
    is_property = any(getattr(one, "id", "") == "property" for one in node.decorator_list)
    shown = signature(source, node, f"{owner}.")
    if is_property:
        shown = shown.replace("()", "", 1).replace(" -> ", ": ", 1)
    return {"name": f"{owner}.{name}", "signature": shown, "text": text_of(node)}


def methods(node: ast.ClassDef) -> "Iterator[Any]":
    for one in node.body:
        if isinstance(one, ast.FunctionDef) and not one.name.startswith("_") and is_told(one):
            yield one


def is_told(node: Any) -> bool:
    """Whether it says more than where else it is described."""
    text = ast.get_docstring(node)
    return text is not None and not text.startswith("See Run.")


def text_behind(node: ast.ClassDef, at: int) -> str:
    """What the text behind a field says of it, as documentation tools read it; empty without one."""
    behind = node.body[at + 1] if at + 1 < len(node.body) else None
    value = behind.value if isinstance(behind, ast.Expr) else None
    return one_line(value.value) if isinstance(value, ast.Constant) and isinstance(value.value, str) else ""


def class_entry(source: str, node: ast.ClassDef) -> "dict[str, Any]":
    makes = next(
        (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None
    )
    is_data = any("dataclass" in ast.dump(one) for one in node.decorator_list)
    is_data = is_data or any(getattr(one, "id", "") == "NamedTuple" for one in node.bases)
    fields = [
        {
            "name": one.target.id,
            "annotation": one_line(ast.get_source_segment(source, one.annotation)).strip('"'),
            "text": text_behind(node, at),
        }
        for at, one in enumerate(node.body)
        if is_data and isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        if not one.target.id.startswith("_")
    ]
    shown = (
        signature(source, makes).replace("__init__", node.name, 1).replace(" -> None", "")
        if makes
        else node.name
    )
    members = [member(source, one, node.name) for one in methods(node)]
    return {
        "name": node.name,
        "signature": f"class {shown}",
        "text": text_of(node),
        "members": members,
        "fields": fields,
    }


def defined(public: str, module: str) -> "tuple[str, list[Any]]":
    """The module's definition of the name, or that of the module which it has it from."""
    source, tree = parsed(module)
    found = [one for one in tree.body if getattr(one, "name", None) == public]
    if found:
        return source, found
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and any(alias.name == public for alias in node.names):
            return defined(public, node.module or "")
    raise SystemExit(f"{public} is defined nowhere")


functions, classes = [], []
for public, module in public_names().items():
    if public == "__version__":
        continue
    text, found = defined(public, module)
    for one in found[-1:]:
        if isinstance(one, ast.ClassDef):
            classes.append(class_entry(text, one))
        else:
            functions.append({"name": public, "signature": signature(text, one), "text": text_of(one)})

json.dump({"functions": functions, "classes": classes}, sys.stdout)
