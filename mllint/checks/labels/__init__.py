"""Rules about labels and targets: scaled, shifted, encoded twice, or compared in another encoding."""
