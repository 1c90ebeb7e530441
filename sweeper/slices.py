"""The two slices beside the map, and the hooks by which everything else reaches them.

`batch_size` searches for the largest batch size that fits in memory, `checks` says what is wrong with script, data and
model. Nothing outside a slice imports it, and neither imports the other: the functions below load its modules by name
when they are first asked for. `lint-imports` proves the first, mypy that the modules are what the hooks promise.
"""
