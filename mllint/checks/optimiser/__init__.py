"""Rules on optimizers, their rates and schedules, and what they train."""
