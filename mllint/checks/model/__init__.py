"""Rules about the architecture: what layers make of each other's output."""
