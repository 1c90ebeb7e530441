import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.optimizers import CLIP_SETTINGS, KNOWN_OPTIMIZERS
from sweeper.settings._optimizers import format_optimizers, make_choice, parse_optimizers
from sweeper.space import SCRIPT

VALUES = st.one_of(
    st.booleans(),
    st.integers(min_value=-(10**9), max_value=10**9),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=12),
)
NO_CLIPPING = st.just({})
CLIPPING = st.dictionaries(
    st.sampled_from(CLIP_SETTINGS), st.one_of(st.integers(1, 100), st.floats(1e-9, 1e9)), min_size=1, max_size=1
)
WARMUPS = st.dictionaries(st.just("warmup"), st.integers(0, 10**6))


@st.composite
def choices(draw):
    name = draw(st.sampled_from([SCRIPT, *(known.name for known in KNOWN_OPTIMIZERS)]))
    settings = draw(WARMUPS) | draw(NO_CLIPPING | CLIPPING)
    if name != SCRIPT:
        known = next(known for known in KNOWN_OPTIMIZERS if known.name == name)
        own = [key for key in known.settings if key not in CLIP_SETTINGS]
        settings |= draw(st.dictionaries(st.sampled_from(own), VALUES, max_size=3))
    return make_choice(name, settings)


def test_settings_are_numbers_truth_values_and_texts():
    (choice,) = parse_optimizers("sgd(momentum=0.9,nesterov=true,clipnorm=1)")
    assert choice.name == "sgd"
    assert choice.options == (("clipnorm", 1), ("momentum", 0.9), ("nesterov", True))


def test_a_warm_up_is_no_setting_of_keras():
    plain, warm, both, clipped = parse_optimizers(
        "script, script(warmup=50), adam(warmup=20, global_clipnorm=1), script(clipvalue=0.5)"
    )
    assert (plain.label, plain.warmup_steps, plain.options) == ("script", 0, ())
    assert (warm.label, warm.warmup_steps, warm.options) == ("script(warmup=50)", 50, ())
    assert (both.label, both.warmup_steps) == ("adam(global_clipnorm=1,warmup=20)", 20)
    assert both.options == (("global_clipnorm", 1),)
    assert (clipped.name, clipped.options) == (SCRIPT, (("clipvalue", 0.5),))


def test_a_table_may_ask_for_a_warm_up():
    assert parse_optimizers({"name": "script", "warmup": 50}) == parse_optimizers("script(warmup=50)")


def test_a_warm_up_of_no_steps_is_none():
    assert parse_optimizers("script(warmup=0)") == parse_optimizers("script")


def test_the_warm_up_of_an_optimizer_that_has_one_itself_is_apart_from_ours():
    (choice,) = parse_optimizers("schedulefreeadamw(warmup_steps=10,warmup=20)")
    assert (choice.options, choice.warmup_steps) == ((("warmup_steps", 10),), 20)


def test_commas_inside_parentheses_do_not_separate_optimizers():
    labels = [choice.label for choice in parse_optimizers("script, adamw(weight_decay=0.01,beta_2=0.95), sgd")]
    assert labels == ["script", "adamw(beta_2=0.95,weight_decay=0.01)", "sgd"]


def test_a_label_does_not_depend_on_how_its_optimizer_was_written():
    texts = ["AdamW(weight_decay=0.01, beta_2=.95)", "adamw( beta_2 = 0.95 , weight_decay=1e-2 )"]
    table = {"name": "adamw", "weight_decay": 0.01, "beta_2": 0.95}
    labels = {choice.label for choice in parse_optimizers([*texts, table])}
    assert labels == {"adamw(beta_2=0.95,weight_decay=0.01)"}


def test_the_order_given_is_kept_and_repeats_are_dropped():
    assert [choice.label for choice in parse_optimizers(["sgd,adam", "sgd", "script"])] == ["sgd", "adam", "script"]


def test_empty_parentheses_are_no_settings():
    assert parse_optimizers("adam()") == parse_optimizers("adam")


@given(st.lists(choices(), min_size=1, max_size=6, unique_by=lambda choice: choice.label))
def test_what_is_formatted_is_parsed_back(axis):
    parsed = parse_optimizers(format_optimizers(tuple(axis)))
    assert parsed == tuple(axis)
    assert [type(v) for c in parsed for _, v in c.options] == [type(v) for c in axis for _, v in c.options]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("adamm", "unknown optimizer 'adamm'. Did you mean 'adam'? Allowed: script, sgd, momentum"),
        ("adamw(weigth_decay=0.1)", "adamw: unknown setting 'weigth_decay'. Did you mean 'weight_decay'?"),
        ("sgd(learning_rate=0.1)", "learning_rate is an axis of its own"),
        ("script(momentum=0.9)", "'script' keeps the settings that it has in the script, so momentum cannot be given"),
        ("script(momentum=0.9)", "Allowed: clipnorm, clipvalue, global_clipnorm, warmup"),
        ("script(lr=0.1)", "lr is an axis of its own"),
        ("script(warmup=-1)", "script: warmup = -1 must be a whole number of steps, 0 (none) or more, such as"),
        ("adam(warmup=2.5)", "adam: warmup = 2.5 must be a whole number of steps"),
        ("adam(warmup=nan)", "adam: warmup = NaN must be a whole number of steps"),
        ("adam(warmup=true)", "adam: warmup = true must be a whole number of steps"),
        ("adam(warmup=long)", 'adam: warmup = "long" must be a whole number of steps'),
        ("adam(warm_up=5)", "adam: unknown setting 'warm_up'. Did you mean 'warmup'?"),
        ("script(clipnorm=0)", "script: clipnorm = 0 must be a number above 0, such as clipnorm=1.0"),
        ("adam(global_clipnorm=-1.0)", "adam: global_clipnorm = -1.0 must be a number above 0"),
        ("adam(clipvalue=inf)", "clipvalue = inf must be a finite number"),
        ("adam(clipnorm=tight)", 'adam: clipnorm = "tight" must be a number above 0'),
        ("adam(clipnorm=true)", "adam: clipnorm = true must be a number above 0"),
        ("script(clipvalue=1,clipnorm=1)", "Keras clips gradients in one way at a time; give one of clipnorm, clipval"),
        ("adam(beta_1)", "'beta_1' is not a setting; write name=value"),
        ("adam(beta_1=0.9", "has a '(' without a ')'"),
        ("adam)", "has a ')' without a '('"),
        ("adam(beta_1=nan)", "beta_1 = nan must be a finite number"),
        ("adam sgd", "'adam sgd' is not an optimizer"),
        ("adam,,sgd", "has an empty item"),
        (5, "5 is not an optimizer; write a name"),
        ({"weight_decay": 0.1}, "needs a name"),
        ({"name": "adam", "beta_1": [0.9]}, "beta_1 = [0.9] must be a number, true, false or a string"),
    ],
)
def test_a_bad_optimizer_is_refused_with_what_is_allowed(value, message):
    with pytest.raises(ValueError, match=r".") as caught:
        parse_optimizers(value)
    assert message in str(caught.value)
