"""Does what the conformance suite tells it; see clients/conformance/README.md."""

import json
import multiprocessing
import os
import sys
from typing import Any

import stepwell


class CannotBeSaid(Exception):
    """The language has no such argument or call."""


def text(given: Any) -> Any:
    if not isinstance(given, dict):
        return given
    if "times" in given:
        return given["text"] * given["times"]
    if "utf16" not in given:
        raise CannotBeSaid("a str is made of code points, not of bytes")
    return bytes.fromhex(given["utf16"]).decode("utf-16-be", "surrogatepass")


def point(command: "dict[str, Any]") -> "dict[str, Any]":
    """What is optional of a point."""
    given = {name: int(command[name]) for name in ("step", "timestamp") if name in command}
    return {**given, "model_id": text(command["model_id"])} if "model_id" in command else given


class Driver:
    def __init__(self) -> None:
        self._runs: dict[str, Any] = {}

    def answer(self, command: "dict[str, Any]") -> "dict[str, Any]":
        does = getattr(self, f"do_{command['do']}", None)
        if does is None:
            return {"cannot": f"there is no {command['do']}"}
        try:
            return {"ok": does(command) or {}}
        except CannotBeSaid as error:
            return {"cannot": str(error)}
        except stepwell.StepwellError as error:
            return {"error": {"code": error.code, "sentence": error.sentence, "remedy": error.remedy}}
        except Exception as error:
            # A bug of the client's: it told no code.
            return {"error": {"code": "", "sentence": repr(error), "remedy": ""}}

    def do_start_run(self, command: "dict[str, Any]") -> "dict[str, Any]":
        names = ("run_id", "run_name", "experiment_name")
        given = {name: text(command[name]) for name in names if name in command}
        # What is inherited is the active run's; what is named here stands beside others.
        run = stepwell.start_run(active=not self._runs and stepwell.active_run() is None, **given)
        self._runs[command["run"]] = run
        return {"run_id": run.run_id}

    def do_log_metric(self, command: "dict[str, Any]") -> None:
        self._run(command).log_metric(text(command["key"]), float(command["value"]), **point(command))

    def do_log_metrics(self, command: "dict[str, Any]") -> None:
        metrics = {key: float(value) for key, value in command["metrics"].items()}
        self._run(command).log_metrics(metrics, **point(command))

    def do_log_series(self, command: "dict[str, Any]") -> None:
        steps = [int(step) for step in command["steps"]]
        values = [float(value) for value in command["values"]]
        times = command.get("timestamps")
        given = {} if times is None else {"timestamps": [int(one) for one in times]}
        self._run(command).log_series(text(command["key"]), steps, values, **given)

    def do_log_param(self, command: "dict[str, Any]") -> None:
        self._run(command).log_param(text(command["key"]), text(command["value"]))

    def do_set_tag(self, command: "dict[str, Any]") -> None:
        self._run(command).set_tag(text(command["key"]), text(command["value"]))

    def do_log_many(self, command: "dict[str, Any]") -> None:
        run, first = self._run(command), command.get("first", 0)
        for step in range(first, first + command["count"]):
            run.log_metric(command["key"], float(step), step=step)

    def do_log_large_series(self, command: "dict[str, Any]") -> None:
        first = command.get("first", 0)
        steps = list(range(first, first + command["count"]))
        self._run(command).log_series(command["key"], steps, [float(step) for step in steps])

    def do_set_many_tags(self, command: "dict[str, Any]") -> None:
        run, value = self._run(command), "x" * command["characters"]
        for number in range(command["count"]):
            run.set_tag(f"{command['key']}{number}", value)

    def do_flush(self, command: "dict[str, Any]") -> None:
        stepwell.flush(command.get("seconds"))

    def do_drain(self, command: "dict[str, Any]") -> "dict[str, Any]":
        drained = stepwell.drain(command.get("seconds"))
        waiting = sum(lane.queued_points for lane in drained.lanes)
        return {"complete": bool(drained), "waiting": waiting, "dead_letters": drained.dead_letters}

    # There is no other end than the process's.
    do_close = do_flush

    def do_end_run(self, command: "dict[str, Any]") -> None:
        given = {"status": text(command["status"])} if "status" in command else {}
        self._run(command).end_run(**given)

    def do_stats(self, _: "dict[str, Any]") -> "dict[str, Any]":
        return stepwell.stats()._asdict()

    def do_fork(self, command: "dict[str, Any]") -> "dict[str, Any]":
        if not hasattr(os, "fork"):
            raise CannotBeSaid("this system has no fork")
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            with os.fdopen(writing, "w") as pipe:
                json.dump([self.answer(one) for one in command["commands"]], pipe)
            # It ends as a program ends, whose standard input is its parent's.
            sys.exit(0)
        os.close(writing)
        with os.fdopen(reading) as pipe:
            answers = pipe.read()
        return {"answers": json.loads(answers), "code": os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}

    def do_spawn(self, command: "dict[str, Any]") -> "dict[str, Any]":
        context = multiprocessing.get_context("spawn")
        reading, writing = context.Pipe(duplex=False)
        before = os.environ.get("STEPWELL_RUN_ID")
        if "inherits" in command:
            os.environ["STEPWELL_RUN_ID"] = self._runs[command["inherits"]].run_id
        process = context.Process(target=spawned, args=(command["commands"], writing))
        process.start()
        if before is None:
            os.environ.pop("STEPWELL_RUN_ID", None)
        writing.close()
        answers = reading.recv()
        process.join()
        return {"answers": answers, "code": process.exitcode}

    def _run(self, command: "dict[str, Any]") -> Any:
        return self._runs[command["run"]]


def spawned(commands: "list[dict[str, Any]]", pipe: Any) -> None:
    driver = Driver()
    pipe.send([driver.answer(one) for one in commands])


def say(answer: "dict[str, Any]") -> None:
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def main() -> None:
    driver = Driver()
    say({"ready": {"language": "Python", "pid": os.getpid()}})
    for line in iter(sys.stdin.readline, ""):
        say(driver.answer(json.loads(line)))


if __name__ == "__main__":
    main()
