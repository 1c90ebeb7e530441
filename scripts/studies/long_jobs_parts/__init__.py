"""Parts of `study_long_jobs.py`."""
