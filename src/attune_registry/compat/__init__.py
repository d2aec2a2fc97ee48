"""What a change means for callers."""
