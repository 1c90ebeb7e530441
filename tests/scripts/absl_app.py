"""An absl application: flags, app.run(main)."""

from absl import app, flags, logging
import keras
from sklearn import datasets
import tensorflow as tf

FLAGS = flags.FLAGS
flags.DEFINE_float("learning_rate", 0.01, "Learning rate.", lower_bound=0.0)
flags.DEFINE_integer("train_batch_size", 16, "Batch size.")
flags.DEFINE_integer("num_epochs", 10, "Number of epochs.")
flags.DEFINE_string("model_dir", None, "Where to save the model.")
flags.mark_flag_as_required("model_dir")


class Classifier(keras.Model):
    def __init__(self, num_classes):
        super().__init__()
        self.hidden = keras.layers.Dense(16, activation="relu")
        self.logits = keras.layers.Dense(num_classes)

    def call(self, features):
        return self.logits(self.hidden(features))


def main(argv):
    if len(argv) > 1:
        raise app.UsageError(f"Too many command-line arguments: {argv[1:]}")
    logging.info("TensorFlow %s", tf.__version__)
    x, y = datasets.load_iris(return_X_y=True)
    ds = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(150).batch(FLAGS.train_batch_size, drop_remainder=True)

    model = Classifier(3)
    model.compile(
        optimizer=keras.optimizers.Adam(FLAGS.learning_rate),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    model.fit(ds, epochs=FLAGS.num_epochs, verbose=2)
    tf.io.gfile.makedirs(FLAGS.model_dir)
    model.save_weights(FLAGS.model_dir + "/final.weights.h5")


if __name__ == "__main__":
    app.run(main)
