"""Makes reports/sample/ and docs/report.png from a run: `python scripts/sample_report.py runs/digits-20260304-101500`.

The page is rendered again from results.json and the recorded curves, so a change of the page needs no new training. The
picture is of the top of the page and needs Chromium on PATH; without it the old picture stays.
"""

import argparse
import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from sweeper.record import RunDirectory
from sweeper.reporting import curves_for_page, report_page
from sweeper.verdict import Judged

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "reports" / "sample"
PICTURE = ROOT / "docs" / "report.png"
PICTURE_SIZE = (1280, 1480)


def main() -> None:
    """Makes the sample of the run that is named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="directory of a complete run")
    run = RunDirectory.open(parser.parse_args().run)
    SAMPLE.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(run.results_file, SAMPLE / "results.json")
    judged = [Judged(outcome=outcome, verdict=None) for outcome in run.outcomes()]
    results = json.loads(run.results_file.read_text(encoding="utf-8"))
    page = SAMPLE / "report.html"
    page.write_text(report_page(results, curves_for_page(judged)), encoding="utf-8")
    print(page)
    take_picture(page)


def take_picture(page: Path) -> None:
    """Writes docs/report.png if there is a browser."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        print(f"no Chromium on PATH: {PICTURE} stays as it is")
        return
    width, height = PICTURE_SIZE
    with tempfile.TemporaryDirectory() as profile:
        options = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=5000")
        where = (f"--user-data-dir={profile}", f"--window-size={width},{height}", f"--screenshot={PICTURE}")
        subprocess.run([browser, *options, *where, page.resolve().as_uri()], check=True, capture_output=True)
    print(PICTURE)


if __name__ == "__main__":
    main()
