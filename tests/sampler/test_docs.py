import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "sampler.md"


def test_the_example_finds_the_edges_that_it_simulates(capsys):
    code = re.search(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)[1]
    exec(compile(code, str(DOCS), "exec"), {})
    shown = capsys.readouterr().out.splitlines()
    assert "{'optimizer': 'sgd', 'learning_rate': 0.00251189} 2.303" in shown
    assert "{'optimizer': 'sgd', 'learning_rate': 1.0} inf" in shown
    assert "{'optimizer': 'adam', 'learning_rate': 0.0251189} 1.0" in shown
