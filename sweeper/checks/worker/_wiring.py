"""Which layers take the outputs of which, in a model that is a graph of layers, nested models included.

A layer that is called more than once, or in several models, has a node for each call: it is nodes and tensors that are
followed, and of one model only, never layers.
"""

from collections import defaultdict
from collections.abc import Iterator
from itertools import chain
from typing import Any


class Wiring:
    """The wiring of a model: the nodes that take each tensor."""

    def __init__(self, model: Any) -> None:
        self._takers: defaultdict[int, list[Any]] = defaultdict(list)
        self._continued: defaultdict[int, list[Any]] = defaultdict(list)
        """Tensors that stand for the same values on the other side of the border of a nested model."""
        self._given: defaultdict[int, list[Any]] = defaultdict(list)
        self._known: set[int] = set()
        graph = _graph_of(model)
        self._outputs = {id(tensor) for tensor in graph.outputs} if graph is not None else set()
        if graph is not None:
            self._add(graph)

    def given_by(self, layer: Any) -> list[Any]:
        """The output tensors of a layer, for all its calls in this model."""
        return self._given[id(layer)]

    def is_output(self, tensor: Any) -> bool:
        """Whether a tensor is an output of the whole model."""
        return id(tensor) in self._outputs or any(map(self.is_output, self._continued[id(tensor)]))

    def takers(self, tensor: Any) -> Iterator[Any]:
        """The nodes that take a tensor, including those inside of nested models."""
        yield from self._takers[id(tensor)]
        for other in self._continued[id(tensor)]:
            yield from self.takers(other)

    def _add(self, graph: Any) -> None:
        self._known.add(id(graph))
        for node in chain(*graph._nodes_by_depth.values()):  # noqa: SLF001  how Keras keeps the graph of layers
            self._given[id(node.operation)] += node.output_tensors
            inner = _graph_of(node.operation)
            joined = _joined(node, inner) if inner is not None else None
            if inner is None or joined is None:
                for tensor in node.input_tensors:
                    self._takers[id(tensor)].append(node)
                continue
            for outer, own in joined:
                self._continued[id(outer)].append(own)
            for own, outer in zip(inner.outputs, node.output_tensors, strict=True):
                self._continued[id(own)].append(outer)
            if id(inner) not in self._known:
                self._add(inner)


def _graph_of(operation: Any) -> Any:
    """The graph of layers of a model; None for a layer, and for a model without such a graph."""
    graph = getattr(operation, "_functional", None) or operation  # a Sequential keeps its graph inside
    return graph if hasattr(graph, "_nodes_by_depth") else None


def _joined(node: Any, inner: Any) -> list[tuple[Any, Any]] | None:
    """Which tensors the call of a nested model feeds to which of its inputs; None where that is not known."""
    given, own = node.input_tensors, inner.inputs
    if len(given) != len(own) or len(inner.outputs) != len(node.output_tensors):
        return None
    called_with = node.arguments.args[0] if node.arguments.args else None
    if isinstance(called_with, dict) and not isinstance(inner._inputs_struct, dict):  # noqa: SLF001  by name, as Keras does
        by_name = {str(tensor.name): tensor for tensor in own}
        if set(by_name) != set(called_with):
            return None
        return [(tensor, by_name[name]) for name, tensor in called_with.items()]
    return list(zip(given, own, strict=True))
