"""A workflow registry whose only store is a git repository."""
