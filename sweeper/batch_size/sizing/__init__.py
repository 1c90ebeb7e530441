"""The batch-size search: from trials to the next trial, a fit of memory against batch size, and advice.

Pure: no files, no clock, no chance.
"""

from sweeper.batch_size.sizing._advice import advise as advise
from sweeper.batch_size.sizing._advice import next_trial as next_trial
from sweeper.batch_size.sizing._axis import batch_axis as batch_axis
from sweeper.batch_size.sizing._evidence import error_of_script as error_of_script
from sweeper.batch_size.sizing._fit import fit_memory as fit_memory
from sweeper.batch_size.sizing._fit import largest_within as largest_within
from sweeper.batch_size.sizing._fit import peak_at as peak_at
from sweeper.batch_size.sizing._fit import upper_peak_at as upper_peak_at
from sweeper.batch_size.sizing._precision import precision_comparison as precision_comparison
from sweeper.batch_size.sizing._problem import Problem as Problem
from sweeper.batch_size.sizing._thresholds import SizeThresholds as SizeThresholds
from sweeper.batch_size.sizing._throughput import knee as knee
