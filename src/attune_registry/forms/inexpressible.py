"""What a file's layout has no place for."""


class Inexpressible(Exception):
    """A change that a file cannot take without becoming another layout; the message is the end of a sentence."""
