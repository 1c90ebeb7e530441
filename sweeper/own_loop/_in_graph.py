"""Inside traced functions of TensorFlow: reading what is outside of them, and going back in the middle of one."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import Any

_LOOPS = ("while_body", "while_cond", "Dataset_")
"""How the names of graphs begin that run several times in one call of a traced function."""
_WRITES = ("Assign", "ResourceApply", "ResourceScatter")
"""How the types of operations begin that change a variable."""


def lifted() -> AbstractContextManager[Any]:
    """Lets operations run at once, also while a function is traced."""
    import tensorflow as tf

    return tf.init_scope()


def own_variable(value: Any, name: str) -> Any:
    """A variable of sweeper's own, made at once; one that is made by `tf.Variable` would belong to what is traced."""
    import tensorflow as tf
    from tensorflow.python.ops.resource_variable_ops import ResourceVariable

    with tf.init_scope():
        return ResourceVariable(value, trainable=False, name=f"sweeper_{name}")


def is_inside_loop() -> bool:
    """Whether what is traced now runs several times in one call from eager code, and not compiled by XLA."""
    import tensorflow as tf
    from tensorflow.python.ops.control_flow_util import GraphOrParentsInXlaContext

    graph = tf.compat.v1.get_default_graph()
    if GraphOrParentsInXlaContext(graph):
        return False
    while graph is not None:
        if getattr(graph, "name", "").startswith(_LOOPS):
            return True
        graph = getattr(graph, "outer_graph", None)
    return False


def set_back_where(made: Any, look: Callable[[], bool], variables: Callable[[], Sequence[Any]]) -> None:
    """Calls `look` after every update of a loop that is traced now; where it returns True, variables were set back.

    It runs once everything that was traced before has been written. What is traced afterwards then sees the variables
    as they are; without that, their values might have been read already. `made` is a tensor that each update changes.
    """
    import tensorflow as tf

    graph = tf.compat.v1.get_default_graph()
    before = [operation for operation in graph.get_operations() if operation.type.startswith(_WRITES)]
    values = [getattr(variable, "_value", variable) for variable in variables()]
    plain = [value for value in values if hasattr(value, "handle") and ".distribute." not in type(value).__module__]
    with tf.control_dependencies(before):
        over = tf.py_function(lambda _: look(), [made], tf.bool)
    over.set_shape(())

    def set_back() -> Any:
        read = tf.py_function(lambda: [value.read_value() for value in plain], [], [value.dtype for value in plain])
        for value, new in zip(plain, read, strict=True):
            value.assign(tf.ensure_shape(new, value.shape), read_value=False)
        return tf.constant(0)

    tf.cond(over, set_back, lambda: tf.constant(0))
