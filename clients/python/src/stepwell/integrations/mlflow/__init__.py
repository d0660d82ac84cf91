"""ZenML's place for what belongs to MLflow."""
