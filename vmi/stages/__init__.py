"""The stages of a suite: what the workflow calls; each reads files and writes files."""
