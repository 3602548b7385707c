"""The report of a suite of estimators: how far each is from the truth, and where it fails."""
