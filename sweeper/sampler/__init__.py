"""The boundary search as a sampler for a person's own Optuna study."""

from sweeper.sampler._sampler import BoundarySampler as BoundarySampler

__all__ = ["BoundarySampler"]
