"""The daemon's home: which folder it is, and whether somebody else could stand in for its daemon.

A client believes what the home's endpoint file says and then sends everything there. So it is
believed only where nobody but this user and root could have written it.
"""

import os
import shlex
import stat
from collections.abc import Mapping
from typing import Optional

from .errors import StepwellError
from .limits import PATH_BYTES_MAX

# Everybody but the owner.
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


def _working_folder() -> str:
    try:
        return os.getcwd()
    except OSError:
        # It has been removed.
        return os.sep


# Programs go to other folders after they were started, and remove the one that they are in.
START_FOLDER = _working_folder()


def home_of(environment: Mapping[str, str]) -> str:
    """The folder of the daemon's home, which need not be there. Raises STEPWELL_HOME_UNUSABLE."""
    home = environment.get("STEPWELL_HOME")
    if not home:
        home = os.path.join(_data_folder(environment), "stepwell")
    path = os.path.normpath(os.path.join(START_FOLDER, home))
    # Python makes folders by recursion, and would break on it.
    if len(os.fsencode(path)) > PATH_BYTES_MAX:
        sentence = f"The home's path has more than {PATH_BYTES_MAX} bytes, which no system takes."
        raise StepwellError("STEPWELL_HOME_UNUSABLE", sentence)
    return path


def is_same_folder(one: str, other: str) -> bool:
    """Whether two paths lead to one folder; by their names where one of them is gone."""
    try:
        return os.path.samefile(one, other)
    except (OSError, ValueError):
        return one == other


def check_endpoint_file(home: str, path: str) -> None:
    """Raises STEPWELL_HOME_OPEN when others could have written the endpoint file. Raises OSError."""
    folder, file = os.stat(home), os.stat(path)
    for each, found in ((home, folder), (path, file)):
        if not is_trusted(found.st_uid):
            raise _open(home, f"{each} belongs to another user (id {found.st_uid})")
    # In a folder like /tmp nobody takes away what is another's.
    if folder.st_mode & _OTHERS_WRITE and not folder.st_mode & stat.S_ISVTX:
        raise _open(home, "others may write into it")
    if file.st_mode & _OTHERS_WRITE:
        raise _open(home, f"others may write into {path}")


def is_trusted(uid: int) -> bool:
    """Whether a user is this one, or root."""
    return uid in (0, effective_uid())


def effective_uid() -> int:
    """This user, who need not be known to the system by a name."""
    return os.geteuid() if hasattr(os, "geteuid") else 0


def _data_folder(environment: Mapping[str, str]) -> str:
    given = environment.get("XDG_DATA_HOME")
    if given:
        return given
    user_home = environment.get("HOME") or _folder_of_user()
    if user_home is None:
        sentence = f"HOME is not set, and the system knows no user with the id {effective_uid()}."
        raise StepwellError("STEPWELL_HOME_UNUSABLE", sentence)
    return os.path.join(user_home, ".local", "share")


def _folder_of_user() -> Optional[str]:
    try:
        import pwd

        return pwd.getpwuid(os.getuid()).pw_dir or None
    except (ImportError, KeyError):
        return None


def _open(home: str, sentence: str) -> StepwellError:
    remedy = (
        f"Close it to others (chmod 700 {shlex.quote(home)}) after a look at what they may have changed, "
        "or set STEPWELL_HOME to a folder of your own."
    )
    return StepwellError("STEPWELL_HOME_OPEN", f"The home {home} is open to others: {sentence}.", remedy)
