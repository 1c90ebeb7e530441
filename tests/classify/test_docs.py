import re
from pathlib import Path

import pytest

from sweeper import classify, recommend
from sweeper.classify._judge import classify as judge
from sweeper.thresholds import described
from sweeper.verdict import Label
from tests.curves import EXAMPLES

PAGE = (Path(__file__).parents[2] / "docs" / "verdicts.md").read_text(encoding="utf-8")


def table(thresholds):
    rows = [f"| `{item.name}` | {item.value:g} | {item.unit} | {item.reason} |" for item in described(thresholds)]
    return "\n".join(["| name | value | unit | reason |", "| --- | --- | --- | --- |", *rows])


SETS = (
    classify.VerdictThresholds(),
    classify.CourseThresholds(),
    recommend.RangeThresholds(),
    recommend.FollowUpThresholds(),
)


@pytest.mark.parametrize("thresholds", SETS)
def test_the_page_shows_the_thresholds_of_the_code(thresholds):
    assert table(thresholds) in PAGE, f"docs/verdicts.md needs this table:\n{table(thresholds)}"


def test_the_names_of_all_thresholds_differ():
    names = [item.name for numbers in SETS for item in described(numbers)]
    assert len(set(names)) == len(names)


def test_the_page_explains_every_code_under_its_label():
    for said in EXAMPLES:
        label, code = said.split()
        section = PAGE.split(f"\n## {label.capitalize()}")[1].split("\n## ")[0]
        assert f"`{code}`" in section, code


def test_the_page_explains_every_note():
    made = [make() for makers in EXAMPLES.values() for make in makers]
    verdicts = [judge(item.curve, null=item.null, context=item.context) for item in made]
    for note in {note.code for verdict in verdicts for note in verdict.evidence[1:]}:
        assert f"`{note}`" in PAGE


def test_the_page_has_no_code_that_no_rule_gives():
    listed = set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", PAGE, flags=re.MULTILINE))
    known = {said.split()[1] for said in EXAMPLES}
    noted = {"unstable", "spikes", "impossible_loss", "gradient_overflow", "validation_not_finite_at_start"}
    assert listed <= known | noted | {"overfit_not_testable"}
    assert len(Label) == 5
