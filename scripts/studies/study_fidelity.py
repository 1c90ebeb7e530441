"""Whether a probe at a script's own setting is the script: its first losses against those of the script by itself.

    python scripts/studies/study_fidelity.py [FOLDER]... [--only WORD] [--steps 20] [--at-once 1]
                                     [--work FOLDER] [--keep] [--write reports/studies --date 2026-11-29]
                                     [-- PROBE OPTIONS]

FOLDER holds scripts, with a manifest.toml as in tests/scripts if more is to be said of them; without one, tests/scripts
is taken. For each script:

1. Truth: `python SCRIPT` in a fresh process, in a fresh copy of its folder, with its own optimizer, rate, callbacks and
   data. A callback reads the true loss of every batch of the first fit call and ends the process (fidelity_parts/site/
   truth.py, which uses nothing of sweeper). Where the rate is not constant, once more with its peak as a constant rate;
   where a train step reports no `loss`, with a note of what gradients are taken of.
2. Sweeper: `sweeper probe SCRIPT --optimizer script --batch-size script --lr RATE --seeds 1`, likewise.
3. Both are compared step by step, within 0.1% (3% where layers compute in 16 bits). Where they differ, the script runs
   by itself once more, to see whether it repeats itself, and what sweeper said of changes is set beside the difference.

What a script leaves unseeded gets the same seed in both processes. Truths are kept in --work and are not measured
again; --keep keeps what sweeper showed as well, so that a study can go on where it stopped. Data that scripts download
is found as they find it: set KERAS_HOME and the like before.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from fidelity_parts.compare import Standing
from fidelity_parts.measure import measure
from fidelity_parts.runs import ROOT, Limits, slug
from fidelity_parts.verdict import Compared, lines
from try_scripts import Script, scripts_in


def main() -> int:
    """The exit status: 0 when no difference is left unexplained."""
    arguments = parse_arguments()
    limits = Limits(steps=arguments.steps, timeout_s=arguments.timeout, options=tuple(arguments.options))
    scripts = list(asked(arguments))
    with ThreadPoolExecutor(arguments.at_once) as pool:
        waiting = [pool.submit(study, script, folder, limits, arguments) for script, folder in scripts]
        results = [one.result() for one in waiting]
    told = lines(results)
    print("\n".join(told))
    if arguments.write:
        write(results, told, arguments)
    return int(any(one.standing in (Standing.UNEXPLAINED, Standing.OTHER_LEVEL) for one in results))


def parse_arguments() -> argparse.Namespace:
    """The command line; what follows -- goes to `sweeper probe`."""
    words = sys.argv[1:]
    at = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--only", default="", help="only scripts whose path contains this word")
    parser.add_argument("--steps", type=int, default=20, help="losses to compare")
    parser.add_argument("--at-once", type=int, default=1, help="scripts at a time")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds for each process")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "fidelity"), help="what is kept")
    parser.add_argument("--keep", action="store_true", help="measure no script again that sweeper has probed")
    parser.add_argument("--truths", action="store_true", help="run the scripts by themselves only, and keep that")
    parser.add_argument("--write", type=Path, help="folder for the dated result")
    parser.add_argument("--name", default="fidelity", help="name of the result")
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"), help="date in its name")
    arguments = parser.parse_args(words[:at])
    arguments.options = words[at + 1 :]
    arguments.folders = [folder.resolve() for folder in arguments.folders] or [ROOT / "tests" / "scripts"]
    return arguments


def asked(arguments: argparse.Namespace) -> Iterator[tuple[Script, Path]]:
    """Every script to measure, with its folder."""
    for folder in arguments.folders:
        for script in scripts_in(folder):
            if not script.code and not script.missing() and arguments.only in script.file:
                yield script, folder


def study(script: Script, folder: Path, limits: Limits, arguments: argparse.Namespace) -> Compared:
    """Measures one script and compares."""
    truths = arguments.work / folder.name / "truths"
    kept = arguments.work / folder.name / "probes" / f"{slug(script)}.json"
    result = measure(script, folder, limits, truths, kept, keep=arguments.keep, truths_only=arguments.truths)
    first = "" if result.own.first is None else f", first differs at {result.own.first}"
    print(f"{result.standing:32} {script.file}{first} {result.note[:150]}", flush=True)
    return result


def write(results: list[Compared], told: list[str], arguments: argparse.Namespace) -> None:
    """Writes the dated report and its numbers."""
    arguments.write.mkdir(parents=True, exist_ok=True)
    stem = arguments.write / f"{arguments.date}-{arguments.name}"
    head = [f"# A probe at a script's own setting, {arguments.date}", "", *(__doc__ or "").strip().splitlines(), ""]
    Path(f"{stem}.md").write_text("\n".join([*head, *told]) + "\n", encoding="utf-8")
    rows = json.dumps([asdict(one) for one in results], indent=1)
    Path(f"{stem}.json").write_text(rows + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
