"""The batch-size search of a run: memory trials in workers, their record, and what they found."""

from sweeper.batch_size.driver._found import kept_batch_size as kept_batch_size
from sweeper.batch_size.driver._found import search_batch_size as search_batch_size
from sweeper.batch_size.driver._limits import host_limit as host_limit
from sweeper.batch_size.driver._precision import compare_precision as compare_precision
from sweeper.batch_size.driver._trials import TrialOrder as TrialOrder
from sweeper.batch_size.driver._trials import TrialRunner as TrialRunner
