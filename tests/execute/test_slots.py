import pytest

from sweeper.errors import MachineError, UsageError
from sweeper.execute import make_slots
from sweeper.execute._launcher import Exit
from sweeper.execute._slots import default_cpu_workers


def slots(environ=None, *, workers=None, gpus="auto", backend=None):
    return make_slots(workers=workers, gpus=gpus, backend=backend, environ=environ or {})


def test_each_visible_gpu_is_a_slot():
    made = slots({"CUDA_VISIBLE_DEVICES": "2,3"})
    assert [slot.device for slot in made] == ["gpu 2", "gpu 3"]
    assert [dict(slot.environment)["CUDA_VISIBLE_DEVICES"] for slot in made] == ["2", "3"]


def test_workers_that_share_a_gpu_do_not_take_all_its_memory():
    made = slots({"CUDA_VISIBLE_DEVICES": "0"}, workers=2)
    assert len(made) == 2
    assert dict(made[1].environment)["TF_FORCE_GPU_ALLOW_GROWTH"] == "true"


def test_gpus_can_be_chosen_and_hidden():
    assert [slot.device for slot in slots({"CUDA_VISIBLE_DEVICES": "0,1"}, gpus="1")] == ["gpu 1"]
    hidden = slots({"CUDA_VISIBLE_DEVICES": "0,1"}, gpus="none", workers=1)
    assert dict(hidden[0].environment)["CUDA_VISIBLE_DEVICES"] == "-1"


def test_cpu_workers_share_the_cores_and_leave_a_persons_setting_alone():
    made = slots({"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "7"}, workers=3)
    names = [name for name, _ in made[0].environment]
    assert "TF_NUM_INTRAOP_THREADS" in names
    assert "OMP_NUM_THREADS" not in names


def test_the_backend_goes_to_every_worker():
    made = slots({"CUDA_VISIBLE_DEVICES": ""}, workers=1, backend="jax")
    assert made[0].environment == (("KERAS_BACKEND", "jax"),)


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 2), (4, 4), (64, 4)])
def test_a_cpu_gets_a_worker_for_each_core_up_to_four(cores, workers):
    assert default_cpu_workers(cores) == workers


def test_nonsense_is_a_usage_error_and_a_missing_gpu_one_of_the_machine():
    with pytest.raises(UsageError, match="must be auto, none, or device numbers"):
        slots({"CUDA_VISIBLE_DEVICES": "0"}, gpus="first")
    with pytest.raises(MachineError, match="no NVIDIA GPU"):
        slots({"CUDA_VISIBLE_DEVICES": ""}, gpus="0")


def test_exit_statuses_are_put_into_words():
    assert Exit(status=3).words == "the process ended with exit status 3"
    assert Exit(status=-11).words == "the process was ended by signal 11 (SIGSEGV)"


@pytest.mark.parametrize(("probes", "count"), [(1, 1), (15, 1), (16, 2), (1000, 4), (None, 4)])
def test_a_run_of_few_probes_has_few_slots_with_more_cores_each(monkeypatch, probes, count):
    monkeypatch.setattr("sweeper.execute._slots.available_cores", lambda: 8)
    made = make_slots(workers=None, gpus="none", backend=None, environ={}, probes=probes)
    assert len(made) == count
    assert dict(made[0].environment).get("TF_NUM_INTRAOP_THREADS") == (None if count == 1 else str(8 // count))


def test_workers_that_were_asked_for_are_there_whatever_the_probes():
    assert len(make_slots(workers=3, gpus="none", backend=None, environ={}, probes=1)) == 3
