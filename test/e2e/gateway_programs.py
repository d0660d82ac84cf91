"""Programs as people write them, with MLflow alone, and a look at what they left in a store.

Lines of JSON come in: {"do": NAME, "uri": ..., "experiment": ...}; each is answered by a line of JSON.
"""

import json
import os
import sys
import tempfile
import time
import warnings

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
# MLflow looks for other packages with its first request.
sys.path[:0] = sys.argv[1:]
warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
from mlflow.entities import LoggedModelOutput, Metric, Param, RunTag  # noqa: E402


def fluent(experiment, pause):
    mlflow.set_experiment(experiment)
    # Who goes on where an earlier run ended looks for that first.
    earlier = lambda: len(mlflow.search_runs(filter_string="tags.job = 'first'", output_format="list"))
    found = [earlier()]
    with mlflow.start_run(run_name="fluent", description="what it is") as run:
        mlflow.set_tag("job", "first")
        found.append(earlier())
        mlflow.log_param("rate", 0.1)
        mlflow.log_params({"layers": 3, "name": "größe", "long": "x" * 5000})
        for step in range(20):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        pause()
        mlflow.log_metrics({"acc": 0.5, "odd": float("nan"), "far": float("inf")}, step=7)
        mlflow.log_metric("loss", 9.0, step=5)
        mlflow.set_tag("k", "v")
        mlflow.set_tags({"a": 1, "b": "two"})
        mlflow.delete_tag("a")
        mlflow.log_text("hello", "notes/hello.txt")
        mlflow.log_dict({"a": [1, 2]}, "d.json")
        mlflow.log_table({"q": ["one"], "n": [1]}, "t.json")
        mlflow.log_table({"q": ["two"], "n": [2]}, "t.json")
        with mlflow.start_run(nested=True, run_name="child"):
            mlflow.log_metric("m", 1)
        seen = mlflow.get_run(run.info.run_id)
        own = [seen.data.metrics["loss"], seen.data.params["rate"], seen.data.tags.get("a"), seen.info.status]
    return {"own": own, "after": mlflow.get_run(run.info.run_id).info.status, "found": found}


def client(experiment, pause):
    client = mlflow.MlflowClient()
    found = client.get_experiment_by_name(experiment)
    experiment_id = found.experiment_id if found else client.create_experiment(experiment)
    run = client.create_run(experiment_id, run_name="client", tags={"made": "by hand"}, start_time=1_700_000_000_000)
    run_id = run.info.run_id
    now = 1_700_000_000_123
    metrics = [Metric(f"m{i % 3}", i, now + i, i - 5) for i in range(500)]
    client.log_batch(run_id, metrics, [Param("p", "1")], [RunTag("t", "2")])
    pause()
    client.log_batch(run_id, [], [Param("q", "")], [RunTag("t", "3")])
    client.log_param(run_id, "p", "1")
    try:
        client.log_param(run_id, "p", "2")
        refused = None
    except mlflow.MlflowException as error:
        refused = error.error_code
    try:
        client.log_metric(run_id, "bad\nkey", 1)
        bad = None
    except mlflow.MlflowException as error:
        bad = error.error_code
    client.update_run(run_id, name="renamed")
    model_id = client.create_logged_model(experiment_id, "by hand", run_id, {"k": "v"}, {"depth": "3"}).model_id
    client.log_metric(run_id, "measured", 0.5, now, 1, model_id=model_id)
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "weights é.bin"), "w") as file:
            file.write(model_id)
        client.log_model_artifacts(model_id, folder)
    client.finalize_logged_model(model_id, "READY")
    client.set_terminated(run_id, "FAILED", 1_700_000_009_000)
    model = str(client.get_logged_model(model_id).status)
    return {"refused": refused, "bad": bad, "status": client.get_run(run_id).info.status, "model": model}


def crash(experiment, pause):
    mlflow.set_experiment(experiment)
    try:
        with mlflow.start_run(run_name="crash"):
            mlflow.log_metric("x", 1)
            pause()
            raise RuntimeError("of a test")
    except RuntimeError:
        pass
    return {}


def asynchronous(experiment, pause):
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="async"):
        futures = [mlflow.log_metric("a", i, step=i, synchronous=False) for i in range(30)]
        pause()
        for future in futures:
            future.wait()
    return {}


def autolog(experiment, pause):
    import numpy as np
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(experiment)
    mlflow.sklearn.autolog(log_datasets=True, silent=True)
    try:
        with mlflow.start_run(run_name="autolog"):
            pause()
            x = np.arange(20.0).reshape(-1, 1)
            LinearRegression().fit(x, x[:, 0])
            model_id = mlflow.last_logged_model().model_id
    finally:
        # Programs that come after this one train, too.
        mlflow.sklearn.autolog(disable=True)
    measured = mlflow.MlflowClient().get_logged_model(model_id).metrics
    loaded = mlflow.sklearn.load_model(f"models:/{model_id}")
    return {
        "predicts": round(float(loaded.predict([[3.0]])[0]), 6),
        "measured": sorted([each.key, each.dataset_name, bool(each.dataset_digest)] for each in measured),
    }


def organise(experiment, pause):
    """Experiments, runs in runs, searches, histories, datasets, tags, and runs that are deleted and brought back."""
    import numpy as np

    client = mlflow.MlflowClient()
    experiment_id = client.create_experiment(experiment, tags={"team": "blue", "odd key": "é漢'\""})
    client.set_experiment_tag(experiment_id, "stage", "new")
    client.set_experiment_tag(experiment_id, "gone", "soon")
    client.delete_experiment_tag(experiment_id, "gone")
    client.rename_experiment(experiment_id, experiment + " renamed")
    mlflow.set_experiment(experiment + " renamed")
    client.rename_experiment(experiment_id, experiment)
    said = {"tags": client.get_experiment(experiment_id).tags}
    runs = {}
    with mlflow.start_run(run_name="outer") as outer:
        mlflow.log_input(mlflow.data.from_numpy(np.arange(4.0), name="numbers"), context="train", tags={"v": "1"})
        for name, rate in [("slow", 0.01), ("fast", 0.5), ("odd", 0.1)]:
            with mlflow.start_run(run_name=name, nested=True) as run:
                runs[name] = run.info.run_id
                mlflow.log_params({"rate": rate, "kind": name})
                for step in range(5):
                    mlflow.log_metric("loss", rate * step, step=step)
                mlflow.set_tag("level", "inner")
        pause()
    names = lambda found: [run.data.tags["mlflow.runName"] for run in found]
    search = lambda text, **more: names(client.search_runs([experiment_id], text, **more))
    said["faster"] = search("metrics.loss > 0.1 AND tags.level = 'inner'", order_by=["metrics.loss DESC"])
    said["like"] = search("params.kind LIKE '%o%' AND attributes.status = 'FINISHED'", order_by=["params.kind"])
    said["children"] = len(search(f"tags.`mlflow.parentRunId` = '{outer.info.run_id}'"))
    said["dataset"] = search("dataset.name = 'numbers' AND dataset.context = 'train'")
    page = client.search_runs([experiment_id], max_results=2, order_by=["attributes.run_name"])
    rest = client.search_runs([experiment_id], max_results=2, order_by=["attributes.run_name"], page_token=page.token)
    said["pages"] = [names(page), names(rest)]
    said["frame"] = sorted(mlflow.search_runs([experiment_id])["params.kind"].dropna())
    said["history"] = [[each.step, each.value] for each in client.get_metric_history(runs["fast"], "loss")]
    client.delete_run(runs["odd"])
    said["left"] = sorted(search(""))
    said["deleted"] = search("", run_view_type=mlflow.entities.ViewType.DELETED_ONLY)
    odd = runs["odd"]
    calls = [
        lambda: client.log_metric(odd, "loss", 1.0),
        lambda: client.log_param(odd, "late", 1),
        lambda: client.set_tag(odd, "late", 1),
        lambda: client.delete_tag(odd, "level"),
        lambda: client.delete_tag(odd, "none"),
        lambda: client.log_batch(odd, tags=[RunTag("late", "1")]),
        lambda: client.log_inputs(odd, []),
        lambda: client.update_run(odd, name="late"),
    ]
    words = refusals(*calls, say=lambda error: str(error).split(": ", 1)[-1])
    said["dead"] = [each and each.replace(odd, "ODD") for each in words]
    client.restore_run(odd)
    client.set_tag(odd, "back", "yes")
    client.delete_experiment(experiment_id)
    said["all dead"] = len(refusals(*calls))
    client.restore_experiment(experiment_id)
    client.set_tag(odd, "again", "yes")
    said["back"] = search("tags.back = 'yes'")
    said["failed"] = refusals(
        lambda: client.search_runs([experiment_id], "metrics.loss >"),
        lambda: client.create_experiment(experiment),
        lambda: client.get_run("0" * 32),
        lambda: client.get_experiment("123456789"),
        lambda: client.delete_tag(runs["odd"], "no such tag"),
        lambda: client.download_artifacts(runs["odd"], "no/such.file"),
    )
    found = client.search_experiments(filter_string="tags.stage = 'new'", order_by=["name"])
    said["experiments"] = [each.name for each in found if each.experiment_id == experiment_id]
    with mlflow.start_run(runs["slow"]):
        mlflow.log_metric("loss", 7, step=9)
    said["resumed"] = client.get_run(runs["slow"]).data.metrics
    other = client.create_experiment(experiment + " other")
    client.delete_experiment(other)
    said["stages"] = [client.get_experiment(other).lifecycle_stage]
    said["failed"] += refusals(lambda: client.create_run(other))
    client.restore_experiment(other)
    said["stages"].append(client.get_experiment(other).lifecycle_stage)
    return said


def refusals(*calls, say=lambda error: getattr(error, "error_code", type(error).__name__)):
    said = []
    for call in calls:
        try:
            call()
            said.append(None)
        except Exception as error:  # noqa: BLE001
            said.append(say(error))
    return said


def artifacts(experiment, pause):
    mlflow.set_experiment(experiment)
    with mlflow.start_run(run_name="artifacts") as run, tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "in", "deep"))
        for name, size in [("a.bin", 3_000_000), ("in/empty", 0), ("in/deep/é 漢.txt", 5)]:
            with open(os.path.join(folder, name), "wb") as file:
                file.write(b"x" * size)
        mlflow.log_artifact(os.path.join(folder, "a.bin"))
        mlflow.log_artifacts(folder, "all")
        mlflow.log_text("first", "notes/t.txt")
        mlflow.log_text("second", "notes/t.txt")
        mlflow.log_dict({"k": [1, "é"]}, "notes/d.yaml")
        pause()
        client = mlflow.MlflowClient()
        listed = {
            path: sorted([each.path, each.is_dir, each.file_size or 0] for each in client.list_artifacts(run.info.run_id, path))
            for path in ("", "all", "all/in", "all/in/deep", "notes", "none", "a.bin")
        }
        back = client.download_artifacts(run.info.run_id, "all")
        sizes = {
            os.path.relpath(os.path.join(at, name), back): os.path.getsize(os.path.join(at, name))
            for at, _, names in os.walk(back)
            for name in names
        }
        text = mlflow.artifacts.load_text(f"runs:/{run.info.run_id}/notes/t.txt")
    return {"listed": listed, "sizes": sizes, "text": text}


def registry(experiment, pause):
    """The model registry and a trace: what only MLflow's own server has."""
    import numpy as np
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(experiment)
    name = "of " + experiment
    x = np.arange(20.0).reshape(-1, 1)
    with mlflow.start_run(run_name="registry") as run:
        pause()
        mlflow.log_text("by hand", "hand/made.txt")
        mlflow.sklearn.log_model(LinearRegression().fit(x, x[:, 0]), name="model", registered_model_name=name)
    client = mlflow.MlflowClient()
    client.create_model_version(name, f"{run.info.artifact_uri}/hand", run.info.run_id)
    client.set_registered_model_alias(name, "best", 1)
    loaded = mlflow.sklearn.load_model(f"models:/{name}@best")

    @mlflow.trace
    def double(number):
        return 2 * number

    double(21)
    mlflow.flush_trace_async_logging()
    experiment_id = client.get_experiment_by_name(experiment).experiment_id
    traces = client.search_traces(locations=[experiment_id])
    return {
        "versions": sorted(str(each.version) for each in client.search_model_versions(f"name = '{name}'")),
        "predicts": round(float(loaded.predict([[3.0]])[0]), 6),
        "traces": [[each.info.state, json.loads(each.info.response_preview or "0")] for each in traces],
    }


def versions(experiment, pause):
    """Whether the registry's models can be loaded without whoever made them."""
    client = mlflow.MlflowClient()
    name = "of " + experiment
    loaded = mlflow.sklearn.load_model(f"models:/{name}/1")
    sources = [each.source for each in client.search_model_versions(f"name = '{name}'")]
    return {"served": [each for each in sources if each.startswith("mlflow-artifacts")], "predicts": round(float(loaded.predict([[3.0]])[0]), 6)}


def described(experiment, pause):
    """What is said of a run and of a model in calls that are no entries."""
    import numpy as np
    from sklearn.linear_model import LinearRegression

    mlflow.set_experiment(experiment)
    client = mlflow.MlflowClient()
    with mlflow.start_run(run_name="described") as run:
        tags = {"soon gone": "1", "kept": "1"}
        model_id = mlflow.initialize_logged_model("m", params={"before": "1"}, tags=tags).model_id
        whole_id = mlflow.initialize_logged_model("whole").model_id
        mlflow.set_tags({"gone": "1", "stays": "2"})
        pause()
        data = mlflow.data.from_numpy(np.arange(6.0), name="numbers")
        mlflow.log_input(data, context="train", tags={"of": "a test"})
        mlflow.log_metric("acc", 0.5, step=1, model_id=model_id, dataset=data)
        mlflow.log_metric("acc", 0.75, step=2, model_id=model_id)
        mlflow.log_model_params({"after": "2", "depth": 3}, model_id)
        mlflow.set_logged_model_tags(model_id, {"k": "v"})
        client.delete_logged_model_tag(model_id, "soon gone")
        missing = refusals(lambda: client.delete_logged_model_tag(model_id, "soon gone"))
        client.log_outputs(run.info.run_id, [LoggedModelOutput(model_id, 3)])
        finalized = [str(client.finalize_logged_model(model_id, "READY").status)]
        model = client.get_logged_model(model_id)
        finalized += [str(model.status), own_keys(model.tags), dict(model.params)]
        fitted = LinearRegression().fit(np.arange(6.0).reshape(-1, 1), np.arange(6.0))
        mlflow.sklearn.log_model(fitted, name="whole", model_id=whole_id, pip_requirements=["scikit-learn"])
        whole = client.get_logged_model(whole_id)
        late_id = mlflow.initialize_logged_model("late", params={"p": "1"}).model_id
        gone_id = mlflow.initialize_logged_model("gone").model_id
        mlflow.log_metric("acc", 0.5, step=3, model_id=late_id)
        client.delete_logged_model(gone_id)
        late = mlflow.sklearn.log_model(fitted, name="late", model_id=late_id, pip_requirements=["scikit-learn"])
        known = [late.model_id == late_id, *refusals(lambda: client.get_logged_model(gone_id))]
        client.delete_tag(run.info.run_id, "gone")
        client.update_run(run.info.run_id, name="described again")
        seen = client.get_run(run.info.run_id)
    return {
        "inputs": [each.dataset.name for each in seen.inputs.dataset_inputs],
        "models": len(seen.inputs.model_inputs),
        "outputs": sorted(each.step for each in seen.outputs.model_outputs),
        "whole": [str(whole.status), own_keys(whole.tags)],
        "late": known,
        "finalized": finalized,
        "missing": missing,
    }


def own_keys(tags):
    """Without the gateway's own."""
    return sorted(key for key in tags if not key.startswith("stepwell."))


def light(experiment, pause):
    """Whether MLflow's client is lighter than it is by itself, and sends the same."""
    import requests

    # The first request tells where it goes.
    mlflow.set_experiment(experiment)
    from mlflow.tracking._model_registry.utils import _get_active_spark_session
    from mlflow.tracking.request_header.registry import _request_header_provider_registry
    from mlflow.utils.request_utils import _get_request_session

    session = _get_request_session(0, 0, 0, frozenset(), True, True)
    replaced = {
        "session": type(session).__name__ == "LightSession",
        "spark": _get_active_spark_session.__module__.startswith("stepwell"),
        "databricks": any("in_context" in vars(each) for each in _request_header_provider_registry),
    }
    if not replaced["session"]:
        return replaced
    seen = []

    class Noting(requests.adapters.HTTPAdapter):
        def send(self, request, **how):
            seen.append([request.method, request.url, list(request.headers.items()), request.body, how])
            raise OSError("of a test")

    own = requests.Session()
    own.mount("http://", Noting())
    uri = mlflow.get_tracking_uri()
    bodies = [{"a": "größe", "b": [1.5, None, 2**60]}, {}, {"bad": float("nan")}, ["a list"], None]
    plain = {"User-Agent": "x"}
    # As another package's provider of headers may give them.
    odd = [{"Content-Type": "application/x", "User-Agent": None}, {"X-A": 5}, {"X-A": " b"}, {"X-A": "b\r\nX-B: c"}, {"": "b"}]
    for at in (f"{uri}/api/é", "http://elsewhere/api"):
        for how in [*({"json": body, "headers": plain} for body in bodies), *({"json": {}, "headers": each} for each in odd)]:
            sent = []
            for each in (type(session)(own, uri), own):
                seen.clear()
                sent += refusals(lambda: each.request("POST", at, timeout=3, verify=True, **how), say=repr)
                sent.append([*seen])
            if sent[:2] != sent[2:]:
                replaced.setdefault("differ", []).append(repr(sent))
    return replaced


PROGRAMS = {each.__name__: each for each in (fluent, client, crash, asynchronous, autolog, described, organise, artifacts, registry, versions, light)}
#: What differs from run to run, or tells who made it.
OWN_TAGS = {"mlflow.log-model.history", "mlflow.loggedArtifacts", "mlflow.source.git.commit"}


def shown(experiment):
    """All that a store has of an experiment, without what differs from one run of a program to the next."""
    client = mlflow.MlflowClient()
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return {}
    runs = client.search_runs([found.experiment_id], max_results=1000)
    names = {run.info.run_id: run.info.run_name for run in runs}
    models = client.search_logged_models([found.experiment_id])
    return {
        **{run.info.run_name: run_shown(client, run, names) for run in runs},
        "models": sorted((model_shown(each) for each in models), key=str),
    }


def model_shown(model):
    tags = {key: value for key, value in model.tags.items() if key not in OWN_TAGS and not key.startswith("stepwell")}
    metrics = sorted([each.key, each.step, repr(each.value), each.dataset_name] for each in model.metrics or [])
    listed = mlflow.artifacts.list_artifacts(f"models:/{model.model_id}")
    # MLflow writes that beside a model that it loads from where the model lies.
    files = sorted(each.path for each in listed if each.path != "registered_model_meta")
    return [model.name, str(model.status), dict(model.params), sorted(tags), metrics, files]


def run_shown(client, run, names):
    run_id = run.info.run_id
    tags = {
        key: names.get(value, value)
        for key, value in run.data.tags.items()
        if key not in OWN_TAGS and not key.startswith("stepwell")
    }
    history = {
        key: [[each.step, repr(each.value)] for each in client.get_metric_history(run_id, key)]
        for key in run.data.metrics
    }
    return {
        "status": run.info.status,
        "user": run.info.user_id,
        "ended": run.info.end_time is not None,
        "params": dict(run.data.params),
        "tags": tags,
        "latest": {key: repr(value) for key, value in run.data.metrics.items()},
        "history": {key: sorted(points) for key, points in history.items()},
        "artifacts": sorted(files(client, run_id, "")),
        "inputs": sorted(input_shown(each) for each in run.inputs.dataset_inputs) if run.inputs else [],
        "models": len(run.outputs.model_outputs) if run.outputs else 0,
        "table": table(client, run_id),
    }


def input_shown(found):
    return [found.dataset.name, found.dataset.digest, sorted([tag.key, tag.value] for tag in found.tags)]


def files(client, run_id, path):
    for each in client.list_artifacts(run_id, path):
        if each.is_dir:
            yield from files(client, run_id, each.path)
        else:
            yield each.path


def table(client, run_id):
    if not any(each.path == "t.json" for each in client.list_artifacts(run_id)):
        return None
    with open(client.download_artifacts(run_id, "t.json")) as file:
        return json.load(file)


def answer(task):
    mlflow.set_tracking_uri(task["uri"])
    workspace = task.get("workspace")
    if workspace and workspace not in [each.name for each in mlflow.list_workspaces()]:
        mlflow.create_workspace(workspace)
    mlflow.set_workspace(workspace)
    if task["do"] == "show":
        return shown(task["experiment"])

    def pause():
        # Whoever started this does something to the server meanwhile.
        if task.get("pauses"):
            print(json.dumps({"paused": True}), flush=True)
            sys.stdin.readline()

    begin = time.monotonic()
    result = PROGRAMS[task["do"]](task["experiment"], pause)
    return {"result": result, "seconds": time.monotonic() - begin}


real = sys.stdout
for line in sys.stdin:
    try:
        said = answer(json.loads(line))
    except Exception as error:  # noqa: BLE001
        said = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said), file=real, flush=True)
