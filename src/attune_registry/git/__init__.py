"""Questions to git, and what is written to it."""
