"""What study_loops.py runs in processes of their own."""
