"""What an exception says, in one line and as plain text."""

import re

_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_GRAPH_ERROR = "Graph execution error"
"""How TensorFlow begins its message when a traced step raises; what was wrong stands above the node, `[[...]]`."""
_IN_A_LAYER = "Exception encountered when calling"
"""How Keras begins the message of an error in a layer; what was wrong stands below."""
_MOST_SAID = 300


def headline(error: BaseException) -> str:
    """The type of an error and the most telling line of its message, mostly the first."""
    lines = [line.strip() for line in plain_message(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    node = next((number for number, line in enumerate(lines) if line.startswith("[[")), 0)
    said = lines[node - 1] if lines[0].startswith(_GRAPH_ERROR) and node else lines[0]
    if said.startswith(_IN_A_LAYER) and len(lines) > 1:
        said = lines[1]
    return f"{type(error).__name__}: {said[:_MOST_SAID]}"


def plain_message(error: BaseException) -> str:
    """The message of an error without the codes by which a terminal shows colours."""
    return _ESCAPES.sub("", str(error))
