"""Where ZenML has its integrations: what programs import from there is found here."""
