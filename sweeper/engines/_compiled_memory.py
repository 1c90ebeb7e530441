"""What JAX's compiler says that a train step needs at a batch size, without running it."""

from collections.abc import Sequence
from typing import Any

from sweeper.trial import CompiledSize


def compiled_sizes(model: Any, batch: Any, sizes: Sequence[int]) -> tuple[CompiledSize, ...]:
    """The memory of the model's train step at each batch size; nothing where the compiler does not tell.

    `batch` is one batch of the training data, of any size. Model and optimizer must be built.
    """
    compiled = [CompiledSize(batch_size=size, step_bytes=_step_bytes(model, batch, size)) for size in sizes]
    # Old versions of jaxlib answer with zeros.
    return tuple(size for size in compiled if size.step_bytes > 0)


def _step_bytes(model: Any, batch: Any, size: int) -> int:
    import jax

    state = model._get_jax_state(  # noqa: SLF001  what Keras's own fit hands to the step
        trainable_variables=True, non_trainable_variables=True, optimizer_variables=True, metrics_variables=True
    )
    data = jax.tree.map(lambda leaf: _spec((size, *leaf.shape[1:]), leaf.dtype), batch)
    specs = jax.tree.map(lambda leaf: _spec(leaf.shape, leaf.dtype), state)
    needs = jax.jit(model.train_step, donate_argnums=0).lower(specs, data).compile().memory_analysis()
    if needs is None:
        return 0
    return int(
        needs.temp_size_in_bytes + needs.argument_size_in_bytes + needs.output_size_in_bytes - needs.alias_size_in_bytes
    )


def _spec(shape: tuple[int, ...], dtype: Any) -> Any:
    import jax

    return jax.ShapeDtypeStruct(shape, jax.dtypes.canonicalize_dtype(dtype))
