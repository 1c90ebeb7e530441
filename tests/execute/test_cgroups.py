import pytest

from sweeper.execute._cgroups import MemoryGroup, memory_groups

MOUNT_V2 = "30 23 0:26 {root} {folder} rw,nosuid shared:4 - cgroup2 cgroup rw,nsdelegate\n"
MOUNT_V1 = "33 25 0:29 {root} {folder} rw,nosuid shared:9 - cgroup cgroup rw,memory\n"


def process(tmp_path, *, cgroup, mounts):
    proc = tmp_path / "proc"
    proc.mkdir()
    (proc / "cgroup").write_text(cgroup)
    (proc / "mountinfo").write_text(mounts)
    return proc


def group(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in ({"stat": ""} | files).items():
        (folder / f"memory.{name}").write_text(text)
    return folder


def test_a_container_of_version_2_sees_its_own_limit_at_the_root_of_the_mount(tmp_path):
    root = group(tmp_path / "fs", max="1000\n", current="700\n", stat="inactive_file 100\nactive_file 50\nanon 3\n")
    proc = process(tmp_path, cgroup="0::/\n", mounts=MOUNT_V2.format(root="/", folder=root))
    (found,) = memory_groups(proc)
    assert (found.version, found.limit_bytes, found.used_bytes) == (2, 1000, 550)


def test_groups_above_the_own_one_count_too_and_those_without_a_limit_have_none(tmp_path):
    root = group(tmp_path / "fs")
    group(root / "a", max="5000\n", current="10\n")
    group(root / "a" / "b", max="max\n", high="max\n", current="10\n")
    proc = process(tmp_path, cgroup="0::/a/b\n", mounts=MOUNT_V2.format(root="/", folder=root))
    assert [found.limit_bytes for found in memory_groups(proc)] == [None, 5000, None]


def test_memory_high_counts_as_a_limit_since_the_kernel_slows_what_goes_over_it(tmp_path):
    folder = group(tmp_path / "g", max="5000\n", high="4000\n")
    assert MemoryGroup(folder=folder, version=2).limit_bytes == 4000


def test_a_container_of_version_1_whose_path_is_that_of_the_host(tmp_path):
    root = group(
        tmp_path / "fs",
        limit_in_bytes="2000\n",
        usage_in_bytes="900\n",
        stat="total_inactive_file 300\ntotal_active_file 100\ninactive_file 7\n",
    )
    proc = process(
        tmp_path,
        cgroup="5:cpu,cpuacct:/docker/x\n4:memory:/docker/x\n0::/docker/x\n",
        mounts=MOUNT_V1.format(root="/docker/x", folder=root),
    )
    (found,) = memory_groups(proc)
    assert (found.version, found.limit_bytes, found.used_bytes) == (1, 2000, 500)


def test_the_number_that_version_1_writes_for_no_limit_is_none(tmp_path):
    folder = group(tmp_path / "g", limit_in_bytes="9223372036854771712\n")
    assert MemoryGroup(folder=folder, version=1).limit_bytes is None


@pytest.mark.parametrize(("version", "name"), [(2, "events"), (1, "oom_control")])
def test_kills_for_memory_are_counted(tmp_path, version, name):
    folder = group(tmp_path / "g", **{name: "oom_kill_disable 0\nunder_oom 0\noom 4\noom_kill 3\n"})
    assert MemoryGroup(folder=folder, version=version).kills == 3
    assert MemoryGroup(folder=tmp_path, version=version).kills == 0


def test_a_machine_without_control_groups_has_none(tmp_path):
    assert memory_groups(tmp_path / "nothing") == ()
