"""What MLflow opens for paths: a JSON list on stdin, on stdout for each the database and the artifacts' folder."""

import json
import sys

from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from sqlalchemy.engine import make_url

opened = [
    [make_url(f"sqlite:///{path}").database, get_artifact_repository(path).artifact_dir]
    for path in json.load(sys.stdin)
]
print(json.dumps(opened))
