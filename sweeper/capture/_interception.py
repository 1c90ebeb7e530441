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
from sweeper.capture._initial_weights import remember_initializer
from sweeper.capture._loss_scaling import LossScaling
from sweeper.capture._own_updates import (
    FUNCTION_MODULE,
    AbstractOwnUpdates,
    watch_functions,
    watch_tapes,
    watch_variables,
)
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
    own_updates: AbstractOwnUpdates | None = None
    """Is told of what happens outside of fit; None where nobody needs to know."""
    inside_fit: bool = False
    precision: str | None = None
    """Global dtype policy to set once Keras is imported; None leaves it to the script."""
    source_lines: SourceLines = field(default_factory=SourceLines)
    """Where layers were made and models compiled."""
    scaling: LossScaling = field(default_factory=LossScaling)
    """Which optimizers divided gradients by a loss scale, and which multiplied a loss by it."""
    gradients: Gradients = field(default_factory=Gradients)
    """What gradients are taken of."""
    _apply_depth: int = 0

    def install(self) -> None:
        """Starts watching imports; modules that are already there are patched at once."""
        patches: dict[str, Callable[[ModuleType], None]] = {_MODEL_MODULE: self._patch_model}
        patches[_VARIABLE_MODULE] = self._patch_variables
        patches |= dict.fromkeys(_OPTIMIZER_MODULES, self._patch_optimizer)
        patches |= {_LAYER_MODULE: self.source_lines.watch_layers, _TRAINER_MODULE: self.source_lines.watch_compile}
        patches |= {TAPE_MODULE: self._patch_tapes, JAX_MODULE: self.gradients.watch_jax}
        patches[FUNCTION_MODULE] = self._patch_functions
        patches |= dict.fromkeys(_LEGACY_MODULES, lambda _: self.on_legacy())
        if self.precision is not None:
            patches[_POLICY_MODULE] = lambda module: module.set_dtype_policy(self.precision)
        for name in list(patches):
            if name in sys.modules:
                patches.pop(name)(sys.modules[name])
        sys.meta_path.insert(0, _PostImportFinder(patches))

    @property
    def _outside(self) -> AbstractOwnUpdates | None:
        """Who is to be told of what happens now; None inside of fit."""
        return None if self.inside_fit else self.own_updates

    def _patch_tapes(self, module: ModuleType) -> None:
        self.gradients.watch_tape(module)
        watch_tapes(module, lambda: self._outside.tape_opens() if self._outside else None)

    def _patch_functions(self, module: ModuleType) -> None:
        watch_functions(module, lambda arguments: self._outside.call_ended(arguments) if self._outside else None)

    def _patch_variables(self, module: ModuleType) -> None:
        def made(variable: Any, initializer: Any) -> None:
            remember_initializer(variable, initializer)
            if self._outside is not None:
                self._outside.variable_made(variable, initializer)

        watch_variables(module, made)

    def _patch_model(self, module: ModuleType) -> None:
        model_class = module.Model
        original = model_class.fit

        @functools.wraps(original)
        def fit(model: Any, *args: Any, **kwargs: Any) -> Any:
            return self.on_fit(model, original, args, kwargs, calling_site(inspect.currentframe()))

        model_class.fit = fit

    def _patch_optimizer(self, module: ModuleType) -> None:
        name = "BaseOptimizer" if hasattr(module, "BaseOptimizer") else "LossScaleOptimizer"
        optimizer_class = getattr(module, name)
        original = optimizer_class.apply

        @functools.wraps(original)
        def apply(optimizer: Any, grads: Sequence[Any], trainable_variables: Sequence[Any] | None = None) -> Any:
            grads = list(grads)
            self._apply_depth += 1
            try:
                if self._apply_depth > 1:
                    return original(optimizer, grads, trainable_variables)
                return self._apply(optimizer, grads, trainable_variables, original)
            finally:
                self._apply_depth -= 1

        optimizer_class.apply = apply
        self.gradients.watch_scaling(optimizer_class)
        if name == "LossScaleOptimizer":
            self.scaling.watch(optimizer_class)
        else:
            self._patch_rate(optimizer_class)

    def _apply(self, optimizer: Any, grads: Sequence[Any], variables: Sequence[Any] | None, original: Any) -> Any:
        if self.on_apply is not None:
            self.on_apply(optimizer, grads, variables)
        if self._outside is None:
            return original(optimizer, grads, variables)

        def apply(instead: Any) -> Any:
            if instead is optimizer:
                return original(optimizer, grads, variables)
            return instead.apply(grads, variables)

        return self._outside.updates(optimizer, grads, variables, apply)

    def _patch_rate(self, optimizer_class: Any) -> None:
        """Lets `own_updates` choose the rate of an update; what the script reads at other times is its own."""
        original = optimizer_class._get_current_learning_rate  # noqa: SLF001  Keras has no public name for it

        @functools.wraps(original)
        def current(optimizer: Any) -> Any:
            own = original(optimizer)
            return self._outside.rate(optimizer, own) if self._apply_depth and self._outside else own

        optimizer_class._get_current_learning_rate = current  # noqa: SLF001


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
