"""ZenML's place for the settings of trackers."""
