import pytest

from sweeper.commands._template import parse_template, rate_text
from sweeper.errors import UsageError

VALUES = {"learning_rate": 1e-05, "batch_size": 32, "optimizer": "adam; rm -rf x", "seed": 3, "steps": 100}


def test_a_value_is_never_split_and_no_shell_reads_it():
    template = parse_template("prog --opt={optimizer} '{seed} of {steps}' $HOME *")
    assert template.filled(VALUES) == ("prog", "--opt=adam; rm -rf x", "3 of 100", "$HOME", "*")
    assert template.placeholders == {"optimizer", "seed", "steps"}


def test_doubled_braces_are_braces():
    template = parse_template("""prog '{{"lr": {learning_rate}, "of": {{}}}}'""")
    assert template.filled(VALUES) == ("prog", '{"lr": 1.0e-05, "of": {}}')


def test_a_format_is_that_of_python():
    assert parse_template("prog {learning_rate:.6f} {batch_size:04d}").filled(VALUES) == ("prog", "0.000010", "0032")
    with pytest.raises(UsageError, match=r"\{learning_rate:q\}.*format"):
        parse_template("prog {learning_rate:q}")


@pytest.mark.parametrize(
    ("rate", "text"), [(0.0, "0.0"), (10.0, "10.0"), (0.001, "0.001"), (1e-05, "1.0e-05"), (3.2e-7, "3.2e-07")]
)
def test_a_rate_is_a_float_for_every_reader(rate, text):
    assert rate_text(rate) == text
    assert float(text) == rate


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prog {lr}", r"unknown placeholder \{lr\}.*Allowed: \{learning_rate\}, \{batch_size\}"),
        ("prog {", r"a single \{.*Allowed"),
        ("prog {}", r"a single \{"),
        ("prog 'x", "No closing quotation.*pairs"),
        ("  ", "it is empty"),
    ],
)
def test_a_wrong_template_is_told_with_what_is_allowed(text, said):
    with pytest.raises(UsageError, match=said):
        parse_template(text)
