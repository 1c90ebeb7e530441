"""The verbs `diagnose` and `doctor`."""
