"""Rules on what feeds training: seeds, loaders, transforms and preprocessing."""
