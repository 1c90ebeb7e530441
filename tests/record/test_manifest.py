from sweeper.record import differences
from tests.record.made import manifest


def test_a_manifest_does_not_differ_from_itself():
    assert differences(manifest(), manifest()) == ()


def test_when_and_by_which_command_a_run_was_made_makes_no_difference():
    assert differences(manifest(), manifest(created="2027-01-01T00:00:00+00:00", command=("sweeper", "lr"))) == ()


def test_each_changed_file_is_named():
    new = manifest(script=(("train.py", "cc"), ("model.py", "dd")))
    assert differences(manifest(), new) == ("data.py is no longer there", "model.py was added", "train.py was edited")


def test_other_versions_are_differences():
    new = manifest(sweeper_version="0.2.0", versions=(("python", "3.11.7"), ("keras", "3.15.1")))
    assert differences(manifest(), new) == (
        "sweeper was 0.1.0 and is now 0.2.0",
        "keras was not installed and is now 3.15.1",
        "tensorflow was 2.21.0 and is now not installed",
    )
