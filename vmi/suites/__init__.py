"""Suites: what is run, read from a YAML file and checked."""
