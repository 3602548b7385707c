"""Training: one loop, two engines, Adam, checkpoints."""
