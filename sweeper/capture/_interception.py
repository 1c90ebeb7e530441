"""Taking over at `Model.fit`, whoever calls it and however Keras was imported.

Keras is not imported ahead of the script: a script may choose its backend, its visible devices or its log
level first. An import hook patches the classes at the moment when their modules have been executed.

The take-over never returns to the script: the chosen fit call becomes the worker's loop, so nothing that
the script would do afterwards (its `except`, `finally`, `with` and `atexit` included) is ever run.
"""

import functools
import importlib.abc
import importlib.util
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from sweeper.capture._gradients import JAX_MODULE, TAPE_MODULE, Gradients
from sweeper.capture._initial_weights import remember_initializers
from sweeper.capture._loss_scaling import LossScaling
from sweeper.capture._sites import CallSite, calling_site
from sweeper.capture._source_lines import SourceLines

_MODEL_MODULE = "keras.src.models.model"
_OPTIMIZER_MODULES = ("keras.src.optimizers.base_optimizer", "keras.src.optimizers.loss_scale_optimizer")
_VARIABLE_MODULE = "keras.src.backend.common.variables"
_LAYER_MODULE = "keras.src.layers.layer"
_TRAINER_MODULE = "keras.src.trainers.trainer"
_POLICY_MODULE = "keras.src.dtype_policies.dtype_policy"
_LEGACY_MODULES = ("tf_keras.src.engine.training", "tf_keras.src.models", "tf_keras.src.engine.training_v1")

FitCall = Callable[..., Any]


@dataclass(slots=True)
class Interception:
    """What the patched classes report to. `on_fit` decides what a fit call does and returns its result."""

    on_fit: Callable[[Any, FitCall, tuple[Any, ...], dict[str, Any], CallSite], Any]
    on_legacy: Callable[[], None]
    on_apply: Callable[[Any, Sequence[Any], Sequence[Any] | None], None] | None = None
    """Called with an optimizer, its gradients and its variables before they are applied; only for the outermost."""
    by_hand: int = 0
    """Times that gradients were applied or a batch was trained outside of fit."""
    inside_fit: bool = False
    precision: str | None = None
    """Global dtype policy to set once Keras is imported; None leaves it to the script."""
    source_lines: SourceLines = field(default_factory=SourceLines)
    """Where layers were made and models compiled."""
    scaling: LossScaling = field(default_factory=LossScaling)
    """Which optimizers divided gradients by a loss scale, and which multiplied a loss by it."""
    gradients: Gradients = field(default_factory=Gradients)
    """What gradients are taken of."""
    _by_hand_optimizers: list[Any] = field(default_factory=list)
    _apply_depth: int = 0

    def install(self) -> None:
        """Starts watching imports; modules that are already there are patched at once."""
        patches: dict[str, Callable[[ModuleType], None]] = {_MODEL_MODULE: self._patch_model}
        patches[_VARIABLE_MODULE] = remember_initializers
        patches |= dict.fromkeys(_OPTIMIZER_MODULES, self._patch_optimizer)
        patches |= {_LAYER_MODULE: self.source_lines.watch_layers, _TRAINER_MODULE: self.source_lines.watch_compile}
        patches |= {TAPE_MODULE: self.gradients.watch_tape, JAX_MODULE: self.gradients.watch_jax}
        patches |= dict.fromkeys(_LEGACY_MODULES, lambda _: self.on_legacy())
        if self.precision is not None:
            patches[_POLICY_MODULE] = lambda module: module.set_dtype_policy(self.precision)
        for name in list(patches):
            if name in sys.modules:
                patches.pop(name)(sys.modules[name])
        sys.meta_path.insert(0, _PostImportFinder(patches))

    def updates_by_hand(self) -> int:
        """The number of updates outside of fit; a loop in a traced function is counted by the optimizer's steps."""
        return max([self.by_hand, *(int(optimizer.iterations) for optimizer in list(self._by_hand_optimizers))])

    def _patch_model(self, module: ModuleType) -> None:
        model_class = module.Model
        original = model_class.fit

        @functools.wraps(original)
        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            return self.on_fit(model, original, args, kwargs, calling_site(inspect.currentframe()))

        model_class.fit = fit
        original_batch = model_class.train_on_batch

        @functools.wraps(original_batch)
        def train_on_batch(model: Any, *args: Any, **kwargs: Any) -> Any:
            times = self.by_hand + 1
            try:
                return original_batch(model, *args, **kwargs)
            finally:
                self.by_hand = times  # the step that is traced inside it is none besides

        model_class.train_on_batch = train_on_batch

    def _patch_optimizer(self, module: ModuleType) -> None:
        name = "BaseOptimizer" if hasattr(module, "BaseOptimizer") else "LossScaleOptimizer"
        optimizer_class = getattr(module, name)
        original = optimizer_class.apply

        @functools.wraps(original)
        def apply(optimizer: Any, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> Any:
            grads = list(grads)
            self._apply_depth += 1
            try:
                if self._apply_depth == 1:
                    self._saw_apply(optimizer, grads, trainable_variables)
                return original(optimizer, grads, trainable_variables)
            finally:
                self._apply_depth -= 1

        optimizer_class.apply = apply
        self.gradients.watch_scaling(optimizer_class)
        if name == "LossScaleOptimizer":
            self.scaling.watch(optimizer_class)

    def _saw_apply(self, optimizer: Any, grads: Sequence[Any], variables: Sequence[Any] | None) -> None:
        if not self.inside_fit:
            self.by_hand += 1
            if all(optimizer is not known for known in self._by_hand_optimizers):
                self._by_hand_optimizers.append(optimizer)
        if self.on_apply is not None:
            self.on_apply(optimizer, grads, variables)


class _PostImportFinder(importlib.abc.MetaPathFinder):
    """Runs a patch right after the module of that name was executed."""

    def __init__(self, patches: dict[str, Callable[[ModuleType], None]]) -> None:
        self._patches = patches
        self._searching: set[str] = set()

    def find_spec(self, fullname: str, _path: Any, _target: ModuleType | None = None) -> ModuleSpec | None:
        """The module's own spec with a loader that patches after execution; None for every other module."""
        if fullname not in self._patches or fullname in self._searching:
            return None
        self._searching.add(fullname)
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._searching.discard(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _PatchingLoader(spec.loader, self._patches.pop(fullname))
        return spec


class _PatchingLoader(importlib.abc.Loader):
    def __init__(self, loader: Any, patch: Callable[[ModuleType], None]) -> None:
        self._loader = loader
        self._patch = patch

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        module: ModuleType | None = self._loader.create_module(spec)
        return module

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._patch(module)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)
