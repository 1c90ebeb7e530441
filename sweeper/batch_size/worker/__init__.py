"""Memory trials in the process that runs them: the script's own fit, shortened and watched."""

from sweeper.batch_size.worker._trial import run_trial as run_trial
