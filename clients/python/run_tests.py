"""Runs the package's tests against a real daemon and ends with `N passed, N failed`.

Makes a virtual environment for the interpreter and the protobuf version, kept between runs
by a hash of what is in it. Standard library only. Options: --python INTERPRETER,
--protobuf VERSION (several are tried in turn without it), and names of test modules.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stepwell-tests"
ROOT = HERE.parent.parent
# One of each major version that the generated classes have to load on, from the oldest that is promised on.
PROTOBUFS = ("4.21.12", "5.29.6", "6.33.6", "7.36.2")
# With another protobuf than the newest, these are enough to see that messages are read and written.
BASIC = ("test_roundtrip",)


def environment_for(python: str, protobuf: str) -> Path:
    version = subprocess.run([python, "-V"], capture_output=True, text=True, check=True).stdout.strip()
    # The newest that the interpreter can have.
    grpclib = "0.4.9" if _version_of(python) >= (3, 10) else "0.4.8"
    requirements = [f"grpclib=={grpclib}", f"protobuf=={protobuf}", "numpy", "pillow", "joblib", "gevent"]
    key = hashlib.sha256(repr((version, requirements)).encode()).hexdigest()[:16]
    folder = CACHE / f"python-client-{key}"
    interpreter = folder / "bin" / "python"
    if (folder / "ready").exists():
        return interpreter
    print(f"making an environment: {version}, protobuf {protobuf} ...", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    # pip installs into other environments too; one of its own takes the environment 7 s.
    without = ["--without-pip"] if _installs_elsewhere(python) else []
    subprocess.run([python, "-m", "venv", *without, str(folder)], check=True)
    install(python, interpreter, requirements)
    (folder / "ready").touch()
    return interpreter


def folder_of(python: str, interpreter: Path, protobuf: str) -> Path:
    """Another protobuf, to stand before an environment's own: more environments take four times as long."""
    folder = interpreter.parent.parent / f"protobuf-{protobuf}"
    if not (folder / "ready").exists():
        shutil.rmtree(folder, ignore_errors=True)
        install(python, interpreter, ["--no-deps", "--target", str(folder), f"protobuf=={protobuf}"])
        (folder / "ready").touch()
    return folder


def install(python: str, interpreter: Path, requirements: "list[str]") -> None:
    elsewhere = [python, "-m", "pip", "--python", str(interpreter)]
    pip = elsewhere if _installs_elsewhere(python) else [str(interpreter), "-m", "pip"]
    # Python compiles what it imports.
    options = ["--quiet", "--disable-pip-version-check", "--no-compile"]
    subprocess.run([*pip, "install", *options, *requirements], check=True)


def relay(command: "list[str]", environment: "dict[str, str]") -> "tuple[str, int]":
    """Runs unittest, says what it says as it comes, with seconds; answers that and the exit code."""
    with subprocess.Popen(
        command, cwd=HERE / "tests", env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        timer = threading.Timer(3_600, process.kill)
        timer.start()
        said = []
        begin = time.monotonic()
        for line in process.stderr:
            now = time.monotonic()
            shown = f"{line[:-1]} ({now - begin:.1f} s)\n" if line.endswith(" ok\n") else line
            begin = now
            said.append(line)
            sys.stdout.write(shown)
            sys.stdout.flush()
        timer.cancel()
    return "".join(said), process.returncode


def run(interpreter: Path, modules: "list[str]", protobuf: str, first: "list[Path]") -> "tuple[int, int]":
    """Passed and failed tests, with folders that stand first; a run that ended without a count has failed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("STEPWELL_")}
    environment["PYTHONPATH"] = os.pathsep.join(map(str, (*first, HERE / "src", HERE / "tests")))
    # What hundreds of processes import is compiled once, and nothing is written beside the sources.
    # Many containers forbid Python to keep it.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(CACHE / "pycache")
    look = [str(interpreter), "-c", "import google.protobuf as p; print(p.__version__)"]
    seen = subprocess.run(look, env=environment, capture_output=True, text=True, check=True).stdout.strip()
    if seen != protobuf:
        print(f"protobuf {seen} is loaded instead of {protobuf}")
        return 0, 1
    command = [str(interpreter), "-W", "error::ResourceWarning", "-m", "unittest", "-v", *modules]
    said, code = relay(command, environment)
    found = re.search(r"^Ran (\d+) tests? in", said, re.MULTILINE)
    if found is None or int(found.group(1)) == 0:
        return 0, 1
    faults = sum(int(number) for number in re.findall(r"(?:failures|errors)=(\d+)", said))
    skipped = sum(int(number) for number in re.findall(r"skipped=(\d+)", said))
    if code != 0 and faults == 0:
        faults = 1
    return max(0, int(found.group(1)) - faults - skipped), faults + skipped


def _version_of(python: str) -> "tuple[int, ...]":
    text = "import sys; print(*sys.version_info[:2])"
    found = subprocess.run([python, "-c", text], capture_output=True, text=True, check=True)
    return tuple(int(part) for part in found.stdout.split())


def _installs_elsewhere(python: str) -> bool:
    """Whether an interpreter's own pip takes --python."""
    text = "import importlib.metadata as m; print(m.version('pip'))"
    found = subprocess.run([python, "-c", text], capture_output=True, text=True)
    return tuple(int(part) for part in found.stdout.strip().split(".")[:2] if part.isdigit()) >= (22, 3)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--protobuf")
    parser.add_argument("modules", nargs="*")
    options = parser.parse_args()
    every = sorted(path.stem for path in (HERE / "tests").glob("test_*.py"))
    if not (ROOT / "build" / "stepwell-daemon.cjs").exists():
        print("The daemon is not built: node scripts/build.mjs")
        return 1
    # protobuf 7 needs Python 3.10.
    possible = PROTOBUFS if _version_of(options.python) >= (3, 10) else PROTOBUFS[:-1]
    newest = possible[-1]
    passed = failed = 0
    for protobuf in [options.protobuf] if options.protobuf else possible:
        is_full = options.protobuf is not None or protobuf == newest
        modules = options.modules or (every if is_full else list(BASIC))
        print(f"\n-- protobuf {protobuf}: {', '.join(modules)}", flush=True)
        interpreter = environment_for(options.python, protobuf if is_full else newest)
        first = [] if is_full else [folder_of(options.python, interpreter, protobuf)]
        good, bad = run(interpreter, modules, protobuf, first)
        passed, failed = passed + good, failed + bad
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
