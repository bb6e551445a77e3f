"""Guards are taken out of the source, one at a time: a test must turn red for each."""
