"""Probes that train together as one program: which ones a task holds."""

import contextlib
import dataclasses

import pytest

from sweeper.events import AbstractView
from sweeper.execute import FakeExecutor, Lost, Task
from sweeper.job import Engine, EngineInfo
from sweeper.record import Manifest, RunDirectory
from sweeper.space import OptimizerChoice
from sweeper.sweep._stop import StopSwitch
from tests.sweep.made import Sitting, job, settings, trained

CHOICES = (OptimizerChoice(label="script", name="script"), OptimizerChoice(label="adam", name="adam"))
MAP = settings(learning_rates=(1e-4, 1e-3, 0.01, 0.1, 1.0), batch_sizes=(16, 32, 64), optimizers=CHOICES)
WIDE = job(engine=EngineInfo(name=Engine.VECTOR, lanes=4), batch_size=32)


class Blind(AbstractView):
    def show(self, event):
        pass


@pytest.fixture
def work_on(tmp_path):
    opened = contextlib.ExitStack()

    def work_on(given, facts=WIDE):
        about = {"sweeper_version": "1", "created": "2026-01-01T00:00:00+00:00", "command": (), "script": ()}
        run = RunDirectory.create(tmp_path / "run", Manifest(settings=given, versions=(), **about))
        opened.enter_context(run.lock())
        sitting = Sitting(run, given, about=facts, view=Blind())
        opened.callback(sitting.close)
        return sitting.sweep

    with opened:
        yield work_on


def tasks_of(work):
    """Every task, ended before the next one is asked for."""
    tasks, last = [], None
    while (task := work.next_task(last)) is not None:
        tasks.append(task)
        last = task.probe
        for probe in task.probes:
            work.take(trained(Task(probe=probe, choice=task.choice)))
    return tasks


def test_a_task_holds_probes_of_one_optimizer_and_batch_size(work_on):
    tasks = tasks_of(work_on(MAP))
    for task in tasks:
        assert len({(probe.optimizer, probe.batch_size, probe.steps, probe.is_null) for probe in task.probes}) == 1
    probes = [probe for task in tasks for probe in task.probes]
    assert len({probe.id for probe in probes}) == len(probes) == 3 + 2 * 3 * 5


def test_fewer_probes_train_together_at_larger_batch_sizes(work_on):
    tasks = tasks_of(work_on(MAP))
    most = {
        size: max(len(task.probes) for task in tasks if task.probe.batch_size == size and not task.probe.is_null)
        for size in MAP.batch_sizes
    }
    assert most == {16: 4, 32: 4, 64: 2}


def test_an_engine_of_one_lane_gets_one_probe_at_a_time(work_on):
    assert {len(task.probes) for task in tasks_of(work_on(MAP, job()))} == {1}


def test_no_more_probes_begin_than_the_limit_allows(work_on):
    tasks = tasks_of(work_on(dataclasses.replace(MAP, max_probes=6)))
    assert sum(len(task.probes) for task in tasks if not task.probe.is_null) == 6


def test_a_lost_probe_comes_back_alone(work_on):
    work = work_on(MAP)
    task = next(task for task in iter(lambda: work.next_task(None), None) if task.others)
    work.take(Lost(probes=task.probes))
    again = [work.next_task(None) for _ in task.probes]
    assert [one.probes for one in again] == [(probe,) for probe in task.probes]


def test_probes_that_were_split_up_stay_apart_at_that_batch_size_and_above(work_on):
    work = work_on(MAP)
    begun = []
    while not begun or begun[-1].probe.batch_size != 32 or not begun[-1].others:
        begun.append(work.next_task(None))
    work.take(Lost(probes=begun.pop().probes))
    tasks = [*begun, *tasks_of(work)]
    assert max(len(task.probes) for task in tasks if task.probe.batch_size == 16) == 4
    assert {len(task.probes) for task in tasks if task.probe.batch_size >= 32} == {1}


def test_the_fake_executor_trains_every_probe_of_a_task(work_on):
    work = work_on(MAP)
    work.run(FakeExecutor(WIDE, trained), StopSwitch())
    assert work.complete
