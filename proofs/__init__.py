"""Long proofs of the promises, with real processes, git and HTTP; `make` has a target for each."""
