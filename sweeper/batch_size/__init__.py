"""The search for the largest batch size that fits in memory: a slice that the rest reaches by `sweeper.slices` only."""
