"""Programs as people write them, with frameworks that log to MLflow by themselves, and all that they leave in a store.

Lines of JSON come in: {"do": PROGRAM, "uri": ..., "experiment": ...}; each is answered by a line of JSON. With "tracker"
the program runs in a step and has the step's run, elsewhere in one that it starts itself. {"show": ...} answers what the
store has of an experiment.
"""

import hashlib
import json
import logging
import os
import re
import runpy
import sys
import tempfile
import time
import warnings
from pathlib import Path
from types import SimpleNamespace

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
warnings.filterwarnings("ignore")

import mlflow  # noqa: E402
import numpy as np  # noqa: E402
from mlflow.entities import Metric, Param  # noqa: E402

logging.getLogger("mlflow").setLevel(logging.ERROR)
NAMES = iter(range(10_000))
X = np.arange(80.0).reshape(40, 2)
Y = X[:, 0] * 2 + 1


#: MLflow takes it for a model of scikit-learn without asking a process of its own what it needs.
PICKLED = {"serialization_format": "cloudpickle"}


def sklearn(pause):
    """Autologging with its model, one more by hand that is measured, one that is only begun, and two loaded again."""
    from sklearn.linear_model import LinearRegression

    mlflow.sklearn.autolog(log_datasets=True, silent=True, **PICKLED)
    model = LinearRegression().fit(X, Y)
    autologged = mlflow.last_logged_model()
    mlflow.sklearn.autolog(disable=True)
    pause()
    more = {"params": {"k": "v"}, "tags": {"of": autologged.model_id}, "pip_requirements": ["scikit-learn"]}
    logged = mlflow.sklearn.log_model(model, name="by hand", **more, **PICKLED)
    data = mlflow.data.from_numpy(X[:5], name="few")
    mlflow.log_metric("mse", 0.25, step=3, model_id=logged.model_id, dataset=data)
    mlflow.log_param("best", logged.model_id)
    mlflow.set_tag("models", json.dumps({"best": [{"id": logged.model_id}], "first": autologged.model_id}))
    many = {f"p{index}": str(index) for index in range(150)}
    begun = mlflow.initialize_logged_model("begun", params=many, tags={"soon": "gone", "a": "b"})
    client = mlflow.MlflowClient()
    client.delete_logged_model_tag(begun.model_id, "soon")
    client.set_logged_model_tags(begun.model_id, {"c": "d"})
    client.finalize_logged_model(begun.model_id, "FAILED")
    uris = [logged.model_uri, autologged.model_uri]
    loaded = [mlflow.pyfunc.load_model(uris[0]), mlflow.sklearn.load_model(uris[1])]
    shown = [mlflow.get_logged_model(each.model_id) for each in (logged, begun)]
    return {
        "predicts": [round(float(each.predict([[3.0, 4.0]])[0]), 6) for each in loaded],
        "models": [model_seen(each) for each in shown],
        "outputs": len(client.get_run(mlflow.active_run().info.run_id).outputs.model_outputs),
    }


def model_seen(model):
    metrics = {each.key: [each.value, each.step, each.dataset_name] for each in model.metrics or []}
    tags = sorted(key for key in model.tags if not OWN_TAGS.match(key))
    return [model.name, model.params, tags, metrics, str(model.status)]


def registered(pause):
    """A model that is registered, with an alias, and loaded by it."""
    from sklearn.linear_model import LinearRegression

    name = f"of {mlflow.active_run().info.run_id}"
    more = {"registered_model_name": name, "pip_requirements": ["scikit-learn"]}
    mlflow.sklearn.log_model(LinearRegression().fit(X, Y), name="registered", **more, **PICKLED)
    pause()
    client = mlflow.MlflowClient()
    client.set_registered_model_alias(name, "champion", 1)
    client.set_model_version_tag(name, "1", "checked", "yes")
    loaded = mlflow.pyfunc.load_model(f"models:/{name}@champion")
    version = client.get_model_version_by_alias(name, "champion")
    return {
        "predicts": round(float(loaded.predict([[3.0, 4.0]])[0]), 6),
        "version": [str(version.version), version.status, dict(version.tags), list(version.aliases)],
        "of this run": version.run_id == mlflow.active_run().info.run_id,
    }


def colleague(pause):
    """Loads the models of an experiment from where they lie, and goes on with the ids that it reads in them."""
    active = mlflow.active_run().info
    found = mlflow.search_logged_models([active.experiment_id], output_format="list")
    done = []
    for model in found:
        if str(model.status) != "READY":
            continue
        loaded = mlflow.pyfunc.load_model(f"models:/{model.model_id}")
        model_id = loaded.metadata.model_id
        mlflow.log_metric("measured", 0.5, model_id=model_id)
        shown = mlflow.get_logged_model(model_id)
        value = {each.key: each.value for each in shown.metrics}["measured"]
        is_run_there = bool(mlflow.get_run(loaded.metadata.run_id))
        done.append([model_id == model.model_id, is_run_there, round(float(loaded.predict(X[:1])[0]), 6), value])
    return {"done": done}


def lightgbm(pause):
    """Autologging of each round, with a model and pictures."""
    import lightgbm as lgb

    mlflow.lightgbm.autolog(silent=True)
    parameters = {"objective": "regression", "verbose": -1, "min_data_in_leaf": 1, "seed": 1, "num_threads": 1}
    data = lgb.Dataset(X, label=Y)
    valid = lgb.Dataset(X[:10], label=Y[:10])
    callbacks = [lambda env: pause() if env.iteration == 3 else None]
    lgb.train(parameters, data, 6, valid_sets=[data, valid], valid_names=["train", "valid"], callbacks=callbacks)
    mlflow.lightgbm.autolog(disable=True)
    return {}


def hugging_face(pause):
    """What transformers' Trainer calls of its callback, without what trains."""
    from transformers.integrations import MLflowCallback

    class Arguments:
        run_name, output_dir = None, tempfile.mkdtemp()

        def to_dict(self):
            return {f"argument_{index}": index for index in range(150)}

    state, callback, args = SimpleNamespace(is_world_process_zero=True), MLflowCallback(), Arguments()
    model = SimpleNamespace(config=SimpleNamespace(to_dict=lambda: {"layers": 2, "long": "x" * 7000}))
    callback.on_train_begin(args, state, None, model=model)
    for step in range(0, 100, 10):
        if step == 50:
            pause()
        state.global_step = step
        callback.on_log(args, state, None, logs={"loss": 1 / (step + 1), "epoch": step / 100, "eval(x)": 1.0})
    callback.on_train_end(args, state, None)
    mlflow.flush_async_logging()
    return {}


def keras(pause):
    """MLflow's own callback as Keras calls it, without a Keras: training needs PyTorch or JAX."""
    sys.modules["keras"] = SimpleNamespace(callbacks=SimpleNamespace(Callback=object))
    try:
        found = runpy.run_path(str(Path(mlflow.__file__).with_name("keras") / "callback.py"))
    finally:
        del sys.modules["keras"]
    callback = found["MlflowCallback"]()
    optimizer = SimpleNamespace(get_config=lambda: {"name": "adam", "learning_rate": 0.5})
    callback.model = SimpleNamespace(optimizer=optimizer, summary=lambda print_fn: print_fn("two layers"))
    callback.on_train_begin()
    for epoch in range(10):
        if epoch == 5:
            pause()
        callback.on_epoch_end(epoch, {"loss": 1 / (epoch + 1), "val_loss": 2 / (epoch + 1)})
    callback.on_test_end({"loss": 0.125})
    mlflow.flush_async_logging()
    return {}


def lightning(pause):
    """As Lightning's logger calls MLflow: a client, a run of its own, and no active one."""
    client = mlflow.MlflowClient(mlflow.get_tracking_uri())
    mine = mlflow.active_run()
    run = client.create_run(mine.info.experiment_id, tags={"mlflow.runName": "of lightning"}).info
    now = 1_700_000_000_000
    client.log_batch(run.run_id, params=[Param(f"p/{index}", str(index)) for index in range(100)])
    for step in range(20):
        if step == 10:
            pause()
        metrics = [Metric(key, step / 10, now + step, step) for key in ("train_loss", "epoch")]
        client.log_batch(run_id=run.run_id, metrics=metrics)
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder, "last.ckpt")
        checkpoint.write_bytes(b"of a checkpoint" * 10_000)
        client.log_artifact(run.run_id, checkpoint, "model/checkpoints/last")
        Path(folder, "metadata.yaml").write_text("kind: last\n")
        client.log_artifacts(run.run_id, folder, "model/checkpoints/folder")
    status = client.get_run(run.run_id).info.status
    client.set_terminated(run.run_id, "FINISHED", now + 100)
    return {"status": status}


def system(pause):
    """Metrics of the system, beside the program's own."""
    for step in range(4):
        mlflow.log_metric("own", step, step=step)
        time.sleep(0.25)
        if step == 1:
            pause()
    return {}


def nested(pause):
    """Runs below runs; one is taken up again, one fails, one is left open."""
    mlflow.log_param("level", 0)
    with mlflow.start_run(nested=True, run_name="child") as child:
        mlflow.log_metric("m", 1.0)
        with mlflow.start_run(nested=True, run_name="grandchild", tags={"deep": "yes"}, description="what it is"):
            mlflow.log_param("level", 2)
    pause()
    with mlflow.start_run(run_id=child.info.run_id, nested=True):
        mlflow.log_metric("m", 2.0, step=1)
        seen = mlflow.active_run().data.metrics
    try:
        with mlflow.start_run(nested=True, run_name="fails"):
            raise ValueError("of a test")
    except ValueError:
        pass
    mlflow.log_metric("after", 1.0)
    return {"seen": seen, "active": mlflow.active_run().data.params}


def asynchronous(pause):
    """Logged without waiting, by the fluent API and by a client."""
    mlflow.log_params({f"p{index}": index for index in range(20)}, synchronous=False)
    for step in range(40):
        mlflow.log_metric("loss", 1 / (step + 1), step=step, synchronous=False)
        if step == 20:
            pause()
    mlflow.set_tags({"a": 1, "b": "two"}, synchronous=False)
    mlflow.log_image(np.zeros((4, 4, 3), np.uint8), key="picture", step=2, synchronous=False)
    mlflow.flush_async_logging()
    mlflow.flush_artifact_async_logging()
    return {}


def files(pause):
    """Artifacts of all kinds, read back."""
    mlflow.log_text("hello", "notes/größe.txt")
    mlflow.log_dict({"a": [1, 2]}, "d.json")
    mlflow.log_table({"q": ["one"], "n": [1]}, "t.json")
    pause()
    mlflow.log_table({"q": ["two"], "n": [2]}, "t.json")
    mlflow.log_image(np.full((4, 4, 3), 7, np.uint8), "picture.png")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "empty").touch()
        Path(folder, "below").mkdir()
        Path(folder, "below", "bytes.bin").write_bytes(bytes(range(256)) * 8_000)
        mlflow.log_artifacts(folder, "folder")
        mlflow.log_artifact(Path(folder, "below", "bytes.bin"), "alone")
    run_id = mlflow.active_run().info.run_id
    listed = [each.path for each in mlflow.MlflowClient().list_artifacts(run_id, "folder")]
    text = mlflow.artifacts.load_text(f"runs:/{run_id}/notes/größe.txt")
    return {"listed": sorted(listed), "text": text, "table": mlflow.artifacts.load_dict(f"runs:/{run_id}/t.json")}


def inputs(pause):
    """Data sets of a run, by context."""
    mlflow.log_input(mlflow.data.from_numpy(X, targets=Y, name="numbers"), context="training")
    pause()
    mlflow.log_input(mlflow.data.from_numpy(X[:5], name="few"), context="validation", tags={"kind": "held out"})
    return {}


def tracing(pause):
    """Traces of functions and of the run that they ran in."""

    @mlflow.trace(span_type="TOOL", attributes={"of": "a test"})
    def inner(number):
        if number == 2:
            raise ValueError("two")
        return number + 1

    @mlflow.trace
    def outer(number):
        with mlflow.start_span("between") as span:
            span.set_inputs({"number": number})
            return inner(number)

    outer(1)
    pause()
    try:
        outer(2)
    except ValueError:
        pass
    mlflow.flush_trace_async_logging()
    return {}


def refusals(pause):
    """What a program is told when it is wrong."""
    client = mlflow.MlflowClient()
    run_id = mlflow.active_run().info.run_id
    mlflow.log_param("fixed", "1")
    mlflow.log_metric("x", 1.5, step=2)
    pause()
    wrong = {
        "param": lambda: mlflow.log_param("fixed", "2"),
        "key": lambda: client.log_metric(run_id, "bad\nkey", 1.0),
        "run": lambda: client.log_metric("0" * 32, "x", 1.0),
        "tag": lambda: client.delete_tag(run_id, "not there"),
        "history": lambda: client.get_metric_history("0" * 32, "x"),
        "model": lambda: client.get_registered_model("not there"),
        "artifact": lambda: client.download_artifacts(run_id, "not there"),
    }
    history = [[each.value, each.step] for each in client.get_metric_history(run_id, "x")]
    found = mlflow.search_runs(experiment_ids=[mlflow.active_run().info.experiment_id], output_format="list")
    return {**{name: told(call) for name, call in wrong.items()}, "history": history, "found": len(found)}


def alone(pause):
    """What needs the server: how it is refused without one, and that the program goes on."""
    client = mlflow.MlflowClient()
    experiment_id = mlflow.active_run().info.experiment_id
    pause()

    @mlflow.trace
    def traced(number):
        return number + 1

    for number in range(20):
        traced(number)
        mlflow.log_metric("m", number, step=number)
    mlflow.flush_trace_async_logging()
    refused = {
        "register": lambda: client.create_registered_model("without a server"),
        "registered": lambda: client.search_registered_models(),
        "model": lambda: client.create_logged_model(experiment_id, "of nobody"),
        "traces": lambda: client.search_traces(locations=[experiment_id]),
    }
    said = {name: told(call) for name, call in refused.items()}
    # What is known without it is found, though that may not be all.
    return {**said, "found": len(client.search_runs([experiment_id]))}


def told(call):
    try:
        call()
    except mlflow.MlflowException as error:
        return error.error_code
    return None


PROGRAMS = {
    each.__name__: each
    for each in (
        *(sklearn, registered, colleague, lightgbm, hugging_face, keras, lightning, system, nested),
        *(asynchronous, files, inputs, tracing, refusals, alone),
    )
}


def run_in_step(task, pause):
    """The step's run is named as its pipeline run, which is named as the program."""
    os.environ.update(task["environment"])
    sys.path.insert(0, task["client"])
    from stepwell import pipeline, step

    program = PROGRAMS[task["do"]]
    settings = {"experiment_tracker": {"experiment_name": task["experiment"]}}
    of_step = step(lambda: program(pause), name=task["do"], experiment_tracker=task["tracker"], settings=settings)
    return pipeline(of_step, name=task["do"]).with_options(run_name=task["do"])().result


def run_alone(task, pause):
    mlflow.set_experiment(task["experiment"])
    with mlflow.start_run(run_name=task["do"]):
        return PROGRAMS[task["do"]](pause)


#: Tags of runs that tell who began them: of a step's run the commit alone is known.
OWN_TAGS = re.compile(r"stepwell(\..*)?$|mlflow\.source\.git\.(branch|repoURL|dirty)$")
#: What differs from one run of a program to the next.
ANY_TIME = {
    r"timestamp\+\d+\+[0-9a-f-]{36}": "TIME",
    r"mlflow-artifacts:/\d+/": "mlflow-artifacts:/EXPERIMENT/",
    r"tr-[0-9a-f]{32}": "TRACE",
}
#: Files that hold ids, times and counters.
ANY_HASH = ("MLmodel", "model.pkl", "model.skops", "registered_model_meta", "estimator.html")


def shown(experiment):
    """All that a store has of an experiment; ids are told by the names of what they name."""
    client = mlflow.MlflowClient()
    found = client.get_experiment_by_name(experiment)
    if found is None:
        return None
    runs = client.search_runs([found.experiment_id], max_results=1000)
    models = client.search_logged_models([found.experiment_id], max_results=1000)
    names = {run.info.run_id: run.info.run_name for run in runs}
    names.update({model.model_id: f"model {model.name}" for model in models})
    texts = {"runs": [run_shown(client, run) for run in runs], "models": [model_shown(model) for model in models]}
    traces = client.search_traces(locations=[found.experiment_id], max_results=500)
    texts["versions"] = [version_shown(client, each) for run_id in names for each in versions_of(client, run_id)]
    texts["traces"] = [trace_shown(trace) for trace in traces]
    text = json.dumps(texts, sort_keys=True)
    for name_of, name in names.items():
        text = text.replace(name_of, name)
    for pattern, name in ANY_TIME.items():
        text = re.sub(pattern, name, text)
    whole = json.loads(text)
    for run in whole["runs"]:
        run["outputs"].sort()
    return {kind: sorted(rows, key=lambda row: json.dumps(row, sort_keys=True)) for kind, rows in whole.items()}


def unsystematic(values):
    """What the system was doing is not the program's doing."""
    return {key: None if key.startswith("system/") else value for key, value in values.items()}


def run_shown(client, run):
    info, data = run.info, run.data
    history = {key: client.get_metric_history(info.run_id, key) for key in data.metrics}
    datasets = run.inputs.dataset_inputs if run.inputs else []
    outputs = run.outputs.model_outputs if run.outputs else []
    return {
        "name": info.run_name,
        "status": info.status,
        "user": info.user_id,
        "stage": info.lifecycle_stage,
        "times": [info.start_time > 0, info.end_time is not None],
        "params": data.params,
        "tags": {key: value for key, value in data.tags.items() if not OWN_TAGS.match(key)},
        "latest": unsystematic({key: repr(value) for key, value in data.metrics.items()}),
        "points": unsystematic(
            {key: sorted([each.step, repr(each.value)] for each in points) for key, points in history.items()}
        ),
        "model points": sorted({(key, each.model_id or "") for key, points in history.items() for each in points}),
        "datasets": [
            [each.dataset.name, each.dataset.digest, each.dataset.source_type, each.dataset.schema]
            + sorted([tag.key, tag.value] for tag in each.tags)
            for each in datasets
        ],
        "outputs": [[each.model_id, each.step] for each in outputs],
        "artifacts": artifacts_of(client, info.run_id),
    }


def artifacts_of(client, run_id):
    return artifacts_at(f"runs:/{run_id}/") if client.list_artifacts(run_id) else {}


def artifacts_at(uri):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(mlflow.artifacts.download_artifacts(artifact_uri=uri, dst_path=folder))
        files = [path for path in root.rglob("*") if path.is_file()]
        return {str(path.relative_to(root)): hash_of(path) for path in files}


def hash_of(path):
    return None if path.name in ANY_HASH else hashlib.sha256(path.read_bytes()).hexdigest()


def model_shown(model):
    metrics = sorted([each.key, each.step, repr(each.value), each.dataset_name or ""] for each in model.metrics or [])
    return {
        "name": model.name,
        "status": str(model.status),
        "type": model.model_type,
        "run": model.source_run_id,
        "params": model.params,
        "tags": {key: value for key, value in model.tags.items() if not OWN_TAGS.match(key)},
        "metrics": metrics,
        **files_of(model.artifact_location),
    }


def files_of(uri):
    """A model's artifacts, and the ids in the file that tells what it is."""
    listed = [Path(each.path).name for each in mlflow.artifacts.list_artifacts(artifact_uri=uri)]
    return {"artifacts": artifacts_at(uri) if listed else {}, "says": said_in(uri) if "MLmodel" in listed else None}


def said_in(uri):
    text = mlflow.artifacts.load_text(f"{uri}/MLmodel")
    return [line for line in text.splitlines() if re.match(r"(artifact_path|model_id|model_uuid|run_id):", line)]


def versions_of(client, run_id):
    return client.search_model_versions(f"run_id = '{run_id}'")


def version_shown(client, version):
    """The version of a registered model, with what its model has."""
    model = client.get_registered_model(version.name)
    return {
        "name": version.name,
        "version": str(version.version),
        "status": version.status,
        "source": version.source,
        "run": version.run_id,
        "tags": version.tags,
        "params": {each.key: each.value for each in version.params or []},
        "aliases": model.aliases,
        "artifacts": artifacts_at(f"models:/{version.name}/{version.version}"),
    }


def trace_shown(trace):
    info = trace.info
    return {
        "state": str(info.state),
        "request": info.request_preview,
        "response": info.response_preview,
        "metadata": {key: value for key, value in info.trace_metadata.items() if "size" not in key},
        "tags": info.tags,
        "spans": [
            [span.name, span.span_type, span.inputs, span.outputs, str(span.status.status_code)]
            for span in trace.data.spans
        ],
    }


def answer(task):
    if "uri" in task:
        mlflow.set_tracking_uri(task["uri"])
    if "show" in task:
        return {"result": shown(task["show"])}

    def pause():
        # Whoever started this does something to the server meanwhile.
        if task.get("pauses"):
            print(json.dumps({"paused": True}), file=REAL, flush=True)
            sys.stdin.readline()

    if task["do"] == "system":
        mlflow.set_system_metrics_sampling_interval(0.2)
        mlflow.set_system_metrics_samples_before_logging(1)
        mlflow.enable_system_metrics_logging()
    begin = time.monotonic()
    try:
        result = run_in_step(task, pause) if task.get("tracker") else run_alone(task, pause)
    finally:
        mlflow.disable_system_metrics_logging()
    return {"result": result, "seconds": time.monotonic() - begin}


REAL = sys.stdout
sys.stdout = sys.stderr
for line in sys.stdin:
    try:
        said = answer(json.loads(line))
    except Exception as error:  # noqa: BLE001
        logging.exception("it failed")
        said = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(said, default=str), file=REAL, flush=True)
