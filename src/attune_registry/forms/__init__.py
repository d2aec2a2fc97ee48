"""Other layouts of workflow files, seen in the form of the contract."""
