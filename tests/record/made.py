"""Values that the tests of the record are made of."""

import string
from contextlib import contextmanager
from pathlib import Path

import optuna
from hypothesis import strategies as st
from optuna.storages import JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend

from sweeper.curve import Curve, StopReason
from sweeper.job import JobInfo, OptimizerInfo
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.record import Manifest
from sweeper.settings import Settings
from sweeper.space import OptimizerChoice, Space
from sweeper.verdict import Evidence, Judged, Label, Verdict

SPACE = Space(
    optimizers=(OptimizerChoice(label="script", name="script"), OptimizerChoice(label="adam", name="adam")),
    learning_rates=(1e-4, 1e-3, 1e-2, 1e-1),
    batch_sizes=(16, 64),
    seeds=(0, 1),
    steps=(40, 20),
)

JOB = JobInfo(
    fit_site="train.py:12",
    fit_number=1,
    model="sequential (Sequential)",
    parameters=100,
    trainable_parameters=90,
    loss="mse",
    optimizer=OptimizerInfo(name="Adam", learning_rate=1e-3, settings=(("amsgrad", False), ("beta_1", 0.9))),
    batch_size=32,
    train_samples=500,
    val_samples=0,
    val_source="none: too few samples",
    sample_bytes=64_000,
    backend="tensorflow",
)


def manifest(**changes):
    values = {
        "sweeper_version": "0.1.0",
        "created": "2026-11-21T08:00:00+00:00",
        "command": ("sweeper", "probe", "train.py"),
        "settings": Settings(target="train.py"),
        "script": (("train.py", "aa"), ("data.py", "bb")),
        "versions": (("python", "3.11.7"), ("tensorflow", "2.21.0")),
    }
    return Manifest(**(values | changes))


def probe(*, rate=1e-3, optimizer="adam", batch_size=16, seed=0):
    return Probe(optimizer=optimizer, learning_rate=rate, batch_size=batch_size, seed=seed, steps=20)


def outcome(*, losses=(2.0, 1.5, 1.0), kind=OutcomeKind.COMPLETED, cause="", **axes):
    curve = Curve(train_loss=tuple(losses)) if losses else None
    return Outcome(probe=probe(**axes), kind=kind, curve=curve, cause=cause, seconds=1.5)


def judged(label=Label.HEALTHY, **parts):
    made = outcome(**parts)
    evidence = Evidence(code="some_rule", measured=1.0, threshold=2.0, step=None, sentence="the loss fell by half")
    return Judged(outcome=made, verdict=Verdict(label=label, evidence=(evidence,)) if made.curve else None)


@contextmanager
def read_by_optuna(at, name="digits"):
    """A study as another program reads it: from a journal file or the URL of a database."""
    storage = JournalStorage(JournalFileBackend(str(at))) if isinstance(at, Path) else RDBStorage(at)
    yield optuna.load_study(study_name=name, storage=storage)
    if isinstance(storage, RDBStorage):
        storage.remove_session()
        storage.engine.dispose()


numbers = st.floats(width=64)
series = st.lists(numbers, max_size=8).map(tuple)
probes = st.builds(
    Probe,
    optimizer=st.text(string.ascii_lowercase + "(=.)", min_size=1, max_size=20),
    learning_rate=st.floats(min_value=0, allow_infinity=False),
    batch_size=st.integers(1, 4096),
    seed=st.integers(0, 2**63),
    steps=st.integers(1, 10**6),
)
curves = st.builds(
    Curve,
    train_loss=series,
    gradient_norm=series,
    val_steps=st.lists(st.integers(0, 100), max_size=3).map(tuple),
    val_loss=series,
    first_nonfinite_loss=st.none() | st.integers(1),
    stopped_early=st.none() | st.sampled_from(StopReason),
)
texts = st.text(st.characters(codec=None), max_size=30)
finished = st.builds(
    Outcome,
    probe=probes,
    kind=st.sampled_from([kind for kind in OutcomeKind if kind is not OutcomeKind.CANCELLED]),
    curve=st.none() | curves,
    cause=texts,
    log_tail=texts,
    seconds=st.floats(0, 1e6),
    samples_per_second=st.none() | numbers,
    peak_memory_bytes=st.none() | st.integers(0),
)
