"""Bytes to documents: YAML with positions, and patches to it."""
