"""The parts of scripts/benchmark.py. `child` runs one contender in a process of its own; `figures` reads what came."""
