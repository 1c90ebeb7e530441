"""The front door for Python: the verbs of the command as functions, from a target and options to typed results.

```python
import sweeper

run = sweeper.probe("train.py", lr="1e-5:1", budget="5m")
print(run.results.recommendation.learning_rate, run.report)
```
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sweeper.cli.views import open_view
from sweeper.config import LR, PROBE, Verb, load_settings
from sweeper.errors import ConfigError

if TYPE_CHECKING:
    from sweeper.sweep import Run


def probe(target: str | Path = "", *, script_args: Sequence[str] = (), quiet: bool = False, **options: object) -> "Run":
    """Maps which learning rates, optimizers and batch sizes are safe for a script, as `sweeper probe` does.

    Trains the script many times for a short while, in processes of its own, and writes a run directory. Ctrl-C (or an
    interrupted cell) ends the run in good order: what was found until then comes back.

    Args:
        target: The script or notebook (`train.ipynb`), `-m package.module` as for `python -m` (one text:
            `sweeper.probe("-m pkg.train")`), `file.py:function` or `package.module:function`. None with the option
            `command="python train.py --lr {learning_rate}"`, which trains with anything.
        script_args: The script's own arguments.
        quiet: Show nothing while it runs; else progress goes to standard error.
        options: Those of `sweeper probe` by their keys in sweeper.toml, as text or as Python values: `lr="1e-5:1"`,
            `lr=[1e-4, 1e-3]`, `batch_size=[16, 64]`, `budget="5m"`, `out="runs/mine"`.

    Returns:
        The run, also where nothing could be trained: `status` and `results.findings` say why.

    Raises:
        ConfigError: An option is unknown or its value not allowed; the message names the nearest one.
        TargetError: The target is not there, or no script, function or model.
        MachineError: The disk or a storage failed.
    """
    return _swept("probe", PROBE, target, script_args, options, quiet=quiet)


def find_lr(
    target: str | Path = "", *, script_args: Sequence[str] = (), quiet: bool = False, **options: object
) -> "Run":
    """Finds a safe learning rate for a script with its own optimizer and batch size, as `sweeper lr` does.

    The rate is `results.recommendation.learning_rate`, None where no rate is stable. Arguments and errors are those of
    `probe`; `optimizer` and `batch_size` cannot be given.
    """
    for name in LR.fixed:
        if name in options:
            raise ConfigError(
                f"find_lr(): {name} cannot be given: it finds a rate for the script's own optimizer and batch size. "
                f"sweeper.probe(..., {name}={options[name]!r}) takes others."
            )
    return _swept("find_lr", LR, target, script_args, options, quiet=quiet)


def load(run: str | Path) -> "Run":
    """Opens a run directory of any version and reads its results, which are made again from its records.

    Raises `RunError` when there is no run.
    """
    from sweeper.sweep import rebuild

    return rebuild(Path(run))


def _swept(
    call: str,
    verb: Verb,
    target: str | Path,
    script_args: Sequence[str],
    options: dict[str, object],
    *,
    quiet: bool,
) -> "Run":
    from sweeper.sweep import probe as sweep

    text = str(target or options.get("command", ""))
    given = options | {"target": str(target) or None, "script_args": tuple(script_args) or None}
    resolved = load_settings(given, environ=os.environ, cwd=Path.cwd(), origin=f"{call}()", verb=verb)
    with open_view(quiet=quiet) as view:
        return sweep(resolved.settings, command=(f"sweeper.{call}", text), view=view)
