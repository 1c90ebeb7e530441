"""What a worker does for the checks: from a fit call or an exception to plain facts, which `checks.diagnose` judges."""

from sweeper.checks.worker._causes import why_fit_raised as why_fit_raised
from sweeper.checks.worker._causes import why_script_raised as why_script_raised
from sweeper.checks.worker._diagnosis import begin_diagnosis as begin_diagnosis
from sweeper.checks.worker._job import look_at_job as look_at_job
