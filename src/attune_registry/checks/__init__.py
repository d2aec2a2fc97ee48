"""Documents to problems."""
