"""What the memory controller of Linux control groups says: the limit of this process's groups, and their kills.

Both versions are read: v2 (`memory.max`) and v1 (`memory.limit_in_bytes`), of the own group and all above it that are
visible here, since the tightest of them counts.
"""

from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc/self")
_NO_LIMIT = 1 << 60
"""Limits above an exabyte stand for none: v1 writes the largest number of pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryGroup:
    """One control group that this process belongs to."""

    folder: Path
    version: int

    @property
    def limit_bytes(self) -> int | None:
        """The memory limit of all processes of the group together; None for no limit."""
        names = ("memory.max", "memory.high") if self.version == 2 else ("memory.limit_in_bytes",)  # noqa: PLR2004
        limits = [limit for name in names if (limit := _number(self.folder / name)) is not None]
        return min((limit for limit in limits if limit < _NO_LIMIT), default=None)

    @property
    def used_bytes(self) -> int:
        """Memory that the group's processes hold and the kernel cannot take back: file cache is not counted."""
        name = "memory.current" if self.version == 2 else "memory.usage_in_bytes"  # noqa: PLR2004
        prefix = "" if self.version == 2 else "total_"  # noqa: PLR2004
        statistics = _table(self.folder / "memory.stat")
        cache = statistics.get(f"{prefix}inactive_file", 0) + statistics.get(f"{prefix}active_file", 0)
        return max(0, (_number(self.folder / name) or 0) - cache)

    @property
    def kills(self) -> int:
        """How many processes of the group the kernel has killed for memory."""
        name = "memory.events" if self.version == 2 else "memory.oom_control"  # noqa: PLR2004
        return _table(self.folder / name).get("oom_kill", 0)


def memory_groups(proc: Path = _PROC) -> tuple[MemoryGroup, ...]:
    """The control groups with a memory controller that the process of `proc` is in, the innermost first."""
    try:
        own = (proc / "cgroup").read_text().splitlines()
        mounts = (proc / "mountinfo").read_text().splitlines()
    except OSError:
        return ()
    found = []
    for line in own:
        _, controllers, path = line.split(":", 2)
        version = 2 if not controllers else 1
        if version == 1 and "memory" not in controllers.split(","):
            continue
        for root, folder in _mounts(mounts, version):
            found += [MemoryGroup(folder=place, version=version) for place in _upwards(path, root, folder)]
    return tuple(group for group in found if (group.folder / "memory.stat").exists())


def _mounts(mounts: list[str], version: int) -> list[tuple[str, Path]]:
    """Each mount of the memory controller: its root within the hierarchy, and its folder."""
    found = []
    for line in mounts:
        fields, _, kind = line.partition(" - ")
        filesystem, _, options = kind.split(" ", 2)
        wanted = "cgroup2" if version == 2 else "cgroup"  # noqa: PLR2004
        if filesystem == wanted and (version == 2 or "memory" in options.split(",")):  # noqa: PLR2004
            root, folder = fields.split(" ")[3:5]
            found.append((root, Path(folder)))
    return found


def _upwards(path: str, root: str, folder: Path) -> list[Path]:
    """The folders of a group and of those above it, as far as the mount shows them."""
    inside = path.removeprefix(root.rstrip("/")).strip("/") if path.startswith(root) else ""
    parts = [part for part in inside.split("/") if part and part != ".."]
    return [folder.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]


def _number(file: Path) -> int | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdecimal() else None


def _table(file: Path) -> dict[str, int]:
    try:
        pairs = [line.split() for line in file.read_text().splitlines()]
    except OSError:
        return {}
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}  # noqa: PLR2004
