"""Every route of the installed MLflow's server, as JSON: pairs of a method and a path with <names> in it."""

import json
import os

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

from mlflow.server import app as flask_app  # noqa: E402
from mlflow.server.fastapi_app import app as fastapi_app  # noqa: E402


def fastapi_routes():
    """All of the application's, those of its routers too: newer releases of FastAPI show these apart."""
    for route in fastapi_app.routes:
        found = getattr(route, "effective_route_contexts", None)
        yield from found() if found else [route]


def routes():
    for rule in flask_app.url_map.iter_rules():
        for method in rule.methods - {"HEAD", "OPTIONS"}:
            yield method, rule.rule
    for route in fastapi_routes():
        for method in (getattr(route, "methods", None) or set()) - {"HEAD", "OPTIONS"}:
            yield method, route.path.replace("{", "<").replace("}", ">")


print(json.dumps(sorted(set(routes()), key=lambda each: (each[1], each[0]))))
