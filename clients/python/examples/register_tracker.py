"""Registers an MLflow server as a tracker, with its password in a secret, and a stack that logs to it."""

import os

import stepwell

client = stepwell.Client()
# The daemon keeps it; no program that logs ever sees it.
client.create_secret("mlflow", {"username": "ada", "password": os.environ["MLFLOW_PASSWORD"]})
tracker = client.register_tracker(
    "server",
    {
        "tracking_uri": "https://mlflow.example.com",
        "tracking_username": "{{mlflow.username}}",
        "tracking_password": "{{mlflow.password}}",
    },
)
client.register_stack("server", [tracker.name], set_active=True)

stack = client.active_stack
print(f"runs go to {stack.experiment_trackers[0].name} of the stack {stack.name}")
