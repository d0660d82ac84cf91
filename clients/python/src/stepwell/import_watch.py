"""Tells when a package has been imported for the first time; it never imports one."""

import importlib.util
import sys
import threading
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, Callable, Optional


def is_imported(name: str) -> bool:
    """Whether a package is there whole: one that is being imported is not."""
    module = sys.modules.get(name)
    spec = getattr(module, "__spec__", None)
    return module is not None and not getattr(spec, "_initializing", False)


class ImportWatch:
    """Calls back in the thread that imports the package, as soon as its own code has run."""

    def __init__(self, name: str, then: Callable[[], None]) -> None:
        self._name = name
        self._then = then
        self._finding = threading.local()

    def start(self) -> None:
        """Watches from now on; a second call does nothing."""
        if self not in sys.meta_path:
            sys.meta_path.insert(0, self)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Watches no more."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)  # type: ignore[arg-type]

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Optional[ModuleSpec]:
        """What the other finders find, with a loader that calls back."""
        if name != self._name or getattr(self._finding, "is_under_way", False):
            return None
        self._finding.is_under_way = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._finding.is_under_way = False
        if spec is not None and spec.loader is not None and hasattr(spec.loader, "__dict__"):
            self._extend(spec.loader)
        return spec

    def _extend(self, loader: Any) -> None:
        load = loader.exec_module

        def load_and_tell(module: ModuleType) -> None:
            # The loader stays with the module as it was.
            del loader.exec_module
            load(module)
            self._then()

        loader.exec_module = load_and_tell
