"""The messages of the contract, as generated from proto/."""
