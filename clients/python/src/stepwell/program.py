"""The program that logs: which file it is, found when this package is loaded.

Later is too late: a program may go to another folder (Hydra does, for each run), or the one
that it was started in may be removed; a relative path then leads elsewhere, or nowhere.
"""

import os
import sys

from .home import START_FOLDER


def source_name() -> str:
    """The program as MLflow shows it, in well-formed text: a file's name may be any bytes."""
    name = sys.argv[0] if getattr(sys, "argv", None) else ""
    return name.encode(errors="replace").decode()


def _path_of_program() -> str:
    name = sys.argv[0] if getattr(sys, "argv", None) else ""
    if os.path.isabs(name):
        return name
    # Python makes this absolute before the program can do anything.
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    if isinstance(main, str) and os.path.isabs(main):
        return main
    return os.path.join(START_FOLDER, name) if name else ""


# Its file's absolute path, or an empty text; there need be no such file.
PROGRAM_PATH = _path_of_program()
