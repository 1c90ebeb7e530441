"""Parts of `study_fidelity.py`."""
