"""The parts of benchmark.py. `child` runs one contender in a process of its own; `figures` reads what came."""
