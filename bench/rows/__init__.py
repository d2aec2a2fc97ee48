"""The families of rows: each file measures what belongs together."""
