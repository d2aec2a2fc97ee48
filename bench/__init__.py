"""Measures the registry against references: `python -m bench --help`."""
