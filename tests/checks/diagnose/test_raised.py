"""Exceptions in plain words: each class by the message that Keras 3.15, TensorFlow 2.21 or NumPy 2 really gives."""

import pytest

from sweeper.checks.diagnose import Raised, Stage, diagnose, explain
from sweeper.findings import Severity
from tests.checks.diagnose.made import array, classes, facts, labels, model, taken

MESSAGES = {
    "SW131": [("SyntaxError", "'(' was never closed (train.py, line 6)")],
    "SW124": [
        (
            "ValueError",
            (
                "Argument `learning_rate` should be float, or an instance of LearningRateSchedule, or a callable "
                "(that takes in "
                "the current iteration value and returns the corresponding learning rate value). Received instead: "
                "learning_rate=1000"
            ),
        )
    ],
    "SW127": [
        ("TypeError", "Input 'y' of 'Sub' Op has type float16 that does not match type float32 of argument 'x'."),
        (
            "InvalidArgumentError",
            "cannot compute Mul as input #1(zero-based) was expected to be a float tensor but is a double tensor",
        ),
        ("ValueError", "Tensor conversion requested dtype float32 for Tensor with dtype int64: <tf.Tensor>"),
        (
            "TypeError",
            "Value passed to parameter 'labels' has DataType float32 not in list of allowed values: int32, int64",
        ),
    ],
    "SW501": [("ResourceExhaustedError", "OOM when allocating tensor with shape[4096,4096]"), ("MemoryError", "")],
    "SW104": [
        (
            "ValueError",
            (
                "setting an array element with a sequence. The requested array has an inhomogeneous shape after 1 "
                "dimensions. "
                "The detected shape was (5,) + inhomogeneous part."
            ),
        ),
        ("ValueError", "Failed to convert a NumPy array to a Tensor (Unsupported object type list)."),
    ],
    "SW105": [("ValueError", "Unrecognized data type: x=[[0.0, 0.0], [0.0, 1.0]] (of type <class 'list'>)")],
    "SW121": [
        ("ValueError", "Invalid dtype: object"),
        ("ValueError", "could not convert string to float: 'Leeds'"),
        ("UnimplementedError", "Graph execution error: Cast string to float is not supported"),
    ],
    "SW109": [
        (
            "ValueError",
            "Data cardinality is ambiguous. Make sure all arrays contain the same number of samples.'x' sizes: 100\n",
        )
    ],
    "SW103": [
        (
            "ValueError",
            (
                "Input 0 with name 'None' of layer 'lstm' is incompatible with the layer: expected ndim=3, found "
                "ndim=4. "
                "Full shape received: (None, 31, 31, 32)"
            ),
        ),
        (
            "ValueError",
            (
                'Input 0 of layer "conv2d" is incompatible with the layer: expected min_ndim=4, found ndim=3. '
                "Full shape received: (None, 28, 28)"
            ),
        ),
    ],
    "SW101": [
        (
            "ValueError",
            (
                "Exception encountered when calling Sequential.call().\n\nInvalid input shape for input "
                "Tensor(data:0). "
                "Expected shape (None, 28, 28, 3), but input has incompatible shape (None, 28, 28)"
            ),
        ),
        (
            "ValueError",
            (
                "Input 0 with name 'None' of layer 'dense' is incompatible with the layer: expected axis -1 of input "
                "shape to "
                "have value 8, but received input with shape (None, 7)"
            ),
        ),
        ("ValueError", 'Layer "functional" expects 2 input(s), but it received 1 input tensors.'),
    ],
    "SW307": [
        (
            "InvalidArgumentError",
            (
                "Graph execution error:\n\nReceived a label value of 5 which is outside the valid range of [0, 5).  "
                "Label values"
            ),
        )
    ],
    "SW412": [("InvalidArgumentError", "indices[0,0] = 129 is not in [0, 100)")],
    "SW106": [
        (
            "ValueError",
            (
                "Arguments `target` and `output` must have the same shape. Received: target.shape=(None, 4), "
                "output.shape=(None, 3)"
            ),
        ),
        ("InvalidArgumentError", "logits and labels must have the same first dimension, got logits shape [32,10]"),
        (
            "ValueError",
            (
                "Dimensions must be equal, but are 2 and 3 for '{{node compile_loss/mse/sub}} = "
                "Sub[T=DT_FLOAT](data_1, "
                "sequential_1/dense_1/BiasAdd)' with input shapes: [?,2], [?,3]."
            ),
        ),
    ],
    "SW111": [
        ("ValueError", "Computed output size would be zero or negative. Received `inputs shape=(None, 1, 1, 8)`")
    ],
    "SW113": [
        ("ValueError", "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis.")
    ],
    "SW112": [
        ("ValueError", "cannot reshape array of size 78400 into shape (100,28,29)"),
        ("ValueError", "operands could not be broadcast together with shapes (3,) (4,)"),
    ],
    "SW132": [
        ("ValueError", "Argument(s) not recognized: {'lr': 0.001}"),
        ("AttributeError", "'Sequential' object has no attribute 'fit_generator'"),
        ("ImportError", "No module named 'keras.wrappers'"),
        ("ValueError", "Unrecognized keyword arguments passed to Embedding: {'weights': [array([[0.1]])]}"),
        ("ValueError", "The filepath provided must end in `.keras` (Keras model format). Received: filepath=a.h5"),
        ("ValueError", "Invalid filepath extension for saving. Please add either a `.keras` extension"),
    ],
    "SW133": [("ModuleNotFoundError", "No module named 'cv2'")],
    "SW134": [("FileNotFoundError", "[Errno 2] No such file or directory: 'data/churn.csv'")],
    "SW135": [("ValueError", "You must call `compile()` before using the model.")],
    "SW136": [
        ("ValueError", "A KerasTensor cannot be used as input to a TensorFlow function."),
        ("NotImplementedError", "Cannot convert a symbolic tf.Tensor (compile_loss/l/pow:0) to a numpy array."),
    ],
    "SW138": [("ValueError", "Output with path `0` is not connected to `inputs`")],
    "SW139": [
        ("ValueError", "Could not interpret loss identifier: binary_crossentrophy"),
        ("ValueError", "Could not interpret activation function identifier: rellu"),
    ],
    "SW140": [
        ("ValueError", "Cannot convert '8' to a shape."),
        ("TypeError", "missing a required argument: 'value'"),
        ("ValueError", "Received an invalid value for `units`, expected a positive integer. Received: units=4.0"),
        ("ValueError", "Unrecognized keyword arguments passed to Dense: {'unit': 3}"),
    ],
    "SW141": [
        (
            "ValueError",
            "EarlyStopping callback received monitor=val_acc, but Keras isn't able to automatically determine whether",
        )
    ],
    "SW142": [
        ("ValueError", "When providing `x` as a tf.data.Dataset, `y` should not be passed. Instead, the targets"),
        ("ValueError", "Argument `validation_split` is only supported for tensors or NumPy arrays.Found incompatible"),
        (
            "ValueError",
            "When passing a Python generator to a Keras model, the generator must return a tuple, either (input,)",
        ),
    ],
    "SW143": [("ValueError", "None values not supported.")],
    "SW144": [
        ("NotImplementedError", "Model N does not have a `call()` method implemented."),
        ("AttributeError", "'N' object has no attribute '_dtype_policy'"),
        ("ValueError", "Sequential model sequential cannot be built because it has no layers."),
    ],
    "SW145": [("KeyError", "'target'")],
    "SW417": [("ValueError", "No gradients provided for any variable.")],
    "SW137": [("NameError", "name 'Dence' is not defined")],
}
CASES = [(code, kind, message) for code, pairs in MESSAGES.items() for kind, message in pairs]


def raised(kind="ValueError", message="no", stage=Stage.IN_FIT, **changes):
    usual = {"traceback": f'File "train.py", line 9\n{kind}', "location": "train.py:9"}
    return Raised(kinds=(kind,), message=message, stage=stage, **(usual | changes))


@pytest.mark.parametrize(("code", "kind", "message"), CASES)
def test_a_message_is_of_its_class(code, kind, message):
    found = explain(raised(kind, message))
    assert found is not None
    assert found.code == code
    assert found.severity is Severity.ERROR
    assert found.location == "train.py:9"
    assert found.title
    assert found.remedy


@pytest.mark.parametrize(
    ("kind", "message"),
    [("ZeroDivisionError", "division by zero"), ("ValueError", "weights: the data folder is empty")],
)
def test_an_exception_of_no_known_class_is_not_explained(kind, message):
    assert explain(raised(kind, message)) is None


@pytest.mark.parametrize(
    ("kind", "name", "meant"),
    [("loss", "binary_crossentrophy", "binary_crossentropy"), ("activation function", "Relu", "relu")],
)
def test_a_name_that_is_nearly_right_is_named(kind, name, meant):
    assert f"'{meant}'" in explain(raised(message=f"Could not interpret {kind} identifier: {name}")).remedy


def test_a_name_like_no_other_is_not_guessed():
    assert "spelling" in explain(raised(message="Could not interpret loss identifier: xyz")).remedy


def test_an_index_error_is_one_of_labels_only_where_they_are_made_one_hot():
    message = "index 26 is out of bounds for axis 1 with size 26"
    assert explain(raised("IndexError", message, source="y = to_categorical(y, 26)")).code == "SW307"
    assert explain(raised("IndexError", message, source="y = table[:, 26]")) is None


@pytest.mark.parametrize(
    ("wanted", "given", "code"),
    [
        ("(None, 32)", "(32,)", "SW102"),
        ("(None, 12, 24, 3)", "(12, 24, 3)", "SW102"),
        ("(None, 12, 24, 3)", "(None, 12, 24)", "SW101"),
        ("(None, None, 9)", "(None, 9)", "SW101"),
        ("(None, 32)", "(31,)", "SW101"),
    ],
)
def test_samples_of_a_pipeline_that_is_not_batched_lack_the_batch_dimension(wanted, given, code):
    message = f"Invalid input shape. Expected shape {wanted}, but input has incompatible shape {given}"
    assert explain(raised(message=message)).code == code


def test_a_rate_in_quotes_is_no_whole_number():
    message = "`learning_rate` should be float. Received instead: learning_rate=0.001"
    assert explain(raised(message=message)).title == "the learning rate is no number: 0.001"


def test_a_convolution_into_a_recurrent_layer_is_said_so():
    kind, message = MESSAGES["SW103"][0]
    assert explain(raised(kind, message)).title.startswith("a convolution is fed straight into lstm")


def test_one_sample_given_to_predict_lacks_the_batch_dimension():
    found = explain(raised(method="predict", given=(28, 28, 1), wanted=(None, 28, 28, 1), stage=Stage.AFTER_FIT))
    assert (found.code, found.title.partition(":")[0]) == ("SW102", "the batch dimension is missing")


@pytest.mark.parametrize("given", [(32, 28, 28, 1), (28, 28, 3), None])
def test_other_data_in_predict_is_not_taken_for_one_sample(given):
    found = explain(raised(method="predict", given=given, wanted=(None, 28, 28, 1), stage=Stage.AFTER_FIT))
    assert found is None


def test_a_check_that_explains_the_exception_comes_first_with_its_lines():
    wrong = classes(given=labels(values=(1, 2, 3)))
    kind, message = MESSAGES["SW307"][0]
    (first, *rest) = diagnose(wrong, raised(kind, message)).findings
    assert first.code == "SW307"
    assert first.title.startswith("labels go from 1 to 3")
    assert first.evidence.endswith("InvalidArgumentError")
    assert rest == []


def test_a_warning_that_explains_the_exception_becomes_an_error():
    images = facts(inputs=(array(shape=(200, 28, 28)),), model=model(inputs=(taken((None, 28, 28, 1)),)))
    kind, message = MESSAGES["SW101"][0]
    first = diagnose(images, raised(kind, message)).findings[0]
    assert (first.code, first.severity) == ("SW101", Severity.ERROR)


def test_an_exception_that_no_check_explains_comes_before_all_others():
    unscaled = facts(inputs=(array(high=255.0, std=70.0),))
    kind, message = MESSAGES["SW113"][0]
    assert [found.code for found in diagnose(unscaled, raised(kind, message)).findings] == ["SW113", "SW203"]


def test_an_unknown_exception_in_fit_is_put_to_the_likeliest_error():
    wrong = classes(given=labels(values=(1, 2, 3)))
    assert diagnose(wrong, raised("RuntimeError", "boom")).findings[0].code == "SW307"


def test_what_fails_after_fit_counts_only_where_a_model_was_given_wrong_data():
    kind, message = MESSAGES["SW134"][0]
    assert diagnose(facts(), raised(kind, message, stage=Stage.AFTER_FIT)).findings == ()
    kind, message = MESSAGES["SW101"][1]
    found = diagnose(facts(), raised(kind, message, stage=Stage.AFTER_FIT, method="predict")).findings
    assert [one.code for one in found] == ["SW101"]
