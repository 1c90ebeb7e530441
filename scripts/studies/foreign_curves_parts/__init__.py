"""Parts of the study of curves that other programs write: small trainings whose truth is known without their curves."""
