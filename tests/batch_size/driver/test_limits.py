from sweeper.batch_size.driver import host_limit
from sweeper.execute import MemoryGroup
from sweeper.memory import MemoryKind


def group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ({"stat": ""} | files).items():
        (folder / f"memory.{name}").write_text(text)
    return folder


def test_what_the_container_leaves_free_is_the_limit(tmp_path):
    folder = group(tmp_path / "g", max="3000000\n", current="1000000\n", stat="inactive_file 500000\n")
    limit = host_limit(None, groups=[MemoryGroup(folder=folder, version=2)])
    assert (limit.limit_bytes, limit.kind) == (2_500_000, MemoryKind.HOST)
    assert "cgroup v2" in limit.source


def test_what_was_asked_for_is_the_limit_unless_less_is_free(tmp_path):
    folder = group(tmp_path / "g", max="3000000\n", current="0\n")
    groups = [MemoryGroup(folder=folder, version=2)]
    assert host_limit(2_000_000, groups=groups).source == "--memory-limit"
    cut = host_limit(4_000_000, groups=groups)
    assert cut.limit_bytes == 3_000_000
    assert "--memory-limit 4 MB is more than that" in cut.source


def test_without_groups_the_free_memory_of_the_machine_is_the_limit():
    limit = host_limit(None, groups=())
    assert limit.limit_bytes > 0
    assert "this machine" in limit.source
