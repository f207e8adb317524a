"""Rules on training loops: what happens in which order."""
