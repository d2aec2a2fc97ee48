"""`python -m attune_registry` is `attune-registry`."""

from .cli.main import main

if __name__ == "__main__":
    main()
