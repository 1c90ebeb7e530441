"""The command with its verbs."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

import sweeper
from sweeper.cli._classify import classify
from sweeper.cli._fits import fits
from sweeper.cli._init import init
from sweeper.cli._lr import lr
from sweeper.cli._probe import probe
from sweeper.cli._report import report
from sweeper.cli._resume import resume
from sweeper.cli._schema import schema
from sweeper.slices import batch_size_verbs, checks_verbs

app = typer.Typer(
    name="sweeper",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
)

_EXAMPLES = {
    "probe": (
        "sweeper probe train.py",
        "sweeper probe -m pkg.train -- --data cifar10",
        "sweeper probe train.py --lr 1e-5:1 --optimizer script,sgd,adamw --batch-size 32,128",
        "sweeper probe train.py --seeds 3 --fail-on unsafe -- --data cifar10",
    ),
    "lr": (
        "sweeper lr train.py",
        "python train.py --lr $(sweeper lr train.py --print rate)",
    ),
    "classify": (
        "sweeper classify history.csv logs/fit",
        "sweeper classify curves.jsonl --prefix 0.1 --json",
    ),
    "resume": ("sweeper resume", "sweeper resume runs/train-20260102-030405 --budget 10m"),
    "fits": ("sweeper fits train.py", "sweeper probe train.py --fit 2"),
    "report": ("sweeper report runs/train-20260102-030405 --json",),
    "init": ("sweeper init",),
    "schema": ("sweeper schema > results.schema.json",),
    **batch_size_verbs().EXAMPLES,
    **checks_verbs().EXAMPLES,
}


def _help(verb: Callable[..., Any]) -> str:
    """The docstring of a verb with each paragraph on one line: Typer keeps line breaks."""
    paragraphs = inspect.getdoc(verb) or ""
    return "\n\n".join(paragraph.replace("\n", " ") for paragraph in paragraphs.split("\n\n"))


def _epilog(verb: str) -> str:
    """Examples, each on a line of its own: Typer joins lines of a paragraph."""
    return "\n\n".join(["[bold]Examples[/]", *(f"  {example}".replace("[", r"\[") for example in _EXAMPLES[verb])])


VERBS: tuple[Callable[..., Any], ...] = (
    probe,
    lr,
    *batch_size_verbs().VERBS,
    *checks_verbs().VERBS,
    classify,
    resume,
    fits,
    report,
    init,
    schema,
)
"""What `sweeper` can be asked, in the order of its help."""
VERBS_WITH_SCRIPT_ARGS = tuple(verb.__name__ for verb in VERBS if "script_args" in inspect.signature(verb).parameters)
"""Verbs that run a target, whose own arguments stand behind `--`."""

for _verb in VERBS:
    app.command(_verb.__name__, help=_help(_verb), epilog=_epilog(_verb.__name__))(_verb)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  Typer calls it so
    if wanted:
        typer.echo(f"sweeper {sweeper.__version__}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", metavar="", help="Print the version.", callback=_print_version, is_eager=True)
]


def _sweeper(*, version: Version = False) -> None:
    """Find out which learning rates, optimizers and batch sizes are safe for a Keras training script.

    sweeper probe train.py trains the unchanged script many times for a short while and says which settings
    learn, which diverge, and what to start with.
    """


app.callback(help=_help(_sweeper))(_sweeper)
