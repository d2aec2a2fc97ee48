"""Long proofs of the promises: real processes, real git, real HTTP, each a `make` target with a short version in tests/."""
