"""What the studies of verdicts share: their command line, their tables, and the curves of sweeper's own runs."""
