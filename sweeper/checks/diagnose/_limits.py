"""The numbers that the checks decide by, each with its unit and its reason."""

UNSCALED = 20.0
"""Largest size of an input value. Weights are drawn for inputs near 1; standardised data reach 5, and heavy-tailed
ones 15."""
NEARLY_UNSCALED = 10.0
"""Largest size of an input value that is only worth a note."""
STANDARDISED_STD = (0.5, 2.0)
"""Standard deviation of inputs that were scaled by somebody, and ..."""
STANDARDISED_MEAN = 0.5
"""... size of their mean: large values are then tails, not units, ..."""
STANDARDISED_LARGEST = 50.0
"""... if they are not larger than this: one far value makes steps too long whatever the others are."""
IMAGE_HIGH = (200.0, 255.0)
"""A largest value in this range, over whole numbers from 0, means pixels that were not divided by 255."""
HALF_LARGEST = 65504.0
"""Largest finite float16; what is larger becomes infinity."""
SCALES_APART = 1e3
"""Ratio of the largest to the smallest standard deviation of two features: gradients differ by its square."""
OUTLIER_RANGES = 100.0
"""Distance from the median, in ranges between the quartiles: log-normal incomes reach 30, a misplaced comma 1,000."""
MOST_NAMED_FEATURES = 256
"""Features of a table; arrays with more are flattened images, whose borders are constant for good reason."""
TARGET_STD_HIGH = 50.0
"""Standard deviation of regression targets: the last layer starts near 0 and moves by about the rate each step."""
TARGET_STD_LOW = 1e-3
"""Standard deviation of targets that hardly vary: their squared error is below a millionth from the first step on."""
TINY_DATA = 50
"""Number of samples with which only the script itself can be tried out."""
IMBALANCE = 10.0
"""Ratio of the most to the least frequent class: the accuracy of always saying the first is above 90%."""
FEW_CLASSES = 10
"""Distinct whole numbers that are classes however they are numbered; more are when at most half of the numbers between
are left out."""
COPIES = 0.05
"""Share of the validation samples that are training samples too: random repetitions in a table stay below."""
SHIFT_STDS = 1.5
"""Distance of the means of one feature in training and validation data, in standard deviations; between two random
parts of 100 samples it stays below 0.6, over a thousand features."""
CLASS_SHIFT = 0.5
"""Half the summed distance of the classes' shares in training and validation: half of the samples would have to change
their class to make them equal."""
PADDED = 0.3
"""Share of the positions that are zeros at the ends of sequences."""

RELATION_SAMPLES = 80
"""Least number of samples to judge whether labels depend on inputs: with fewer, half of all sound tables with a clear
relation would look like chance."""
RELATION_OTHERS = 20
"""Least number of samples of other classes than the most frequent one, to judge whether labels depend on inputs."""
RELATION_SAMPLES_A_FEATURE = 2.0
"""Least number of samples per feature to judge it: with fewer, only sums of features can be detected."""
BY_CHANCE = 0.01
"""Share of random orders of the labels that may be predicted as well, for labels that depend on inputs: as many sets of
random labels are missed."""

DROPOUT_HIGH = 0.5
"""Largest sensible rate of a dropout: with more, less than half of a layer is trained at a time."""

RATE_LOW = 1e-6
"""Rate below which even 10,000 steps of Adam move a weight by less than a hundredth."""

VANISHED = 1e-3
"""Ratio of the gradient norm of the first to that of the last kernel; with `VANISHED_NORM` (AutoTrainer)."""
VANISHED_NORM = 1e-4
FADED = 1e-2
"""Ratio of these norms that is worth a note, where as many hidden layers as `FADING_LAYERS` are sigmoid or tanh: each
sigmoid passes on at most a quarter of a gradient."""
FADING_LAYERS = 3
EXPLODED = 70.0
"""Ratio of these norms for gradients that grow towards the input (AutoTrainer, DEFault); with `EXPLODED_NORM`."""
EXPLODED_NORM = 100.0
DEAD = 0.7
"""Share of the units of a ReLU layer that are 0 for a whole batch (DeepDiagnosis)."""
SATURATED = 0.5
"""Share of the outputs of a sigmoid or tanh beyond those of inputs of size 5 (DeepDiagnosis)."""
LEAST_BATCH = 8
"""Least number of samples in a batch to judge dead or saturated units."""
INITIAL_LOSS = 5.0
"""Ratio of the first loss to that of the best constant prediction; fresh weights on scaled data stay below 3."""
NO_LOSS = 1e-7
"""Losses below this count as 0: one part in ten million is the resolution of single precision."""
UPDATE_HIGH = 1.0
"""Step of plain SGD in units of the weights' own norm: more replaces a layer in one step. A tenth is already coarse."""
