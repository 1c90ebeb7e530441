"""Training loops of the script's own, outside of fit: the loop itself trains each probe. Runs inside workers only."""

from sweeper.own_loop._describe import describe_loop as describe_loop
from sweeper.own_loop._loop import OwnLoop as OwnLoop
from sweeper.own_loop._loop import SeveralReplicas as SeveralReplicas
from sweeper.own_loop._training import CutShort as CutShort
from sweeper.own_loop._training import LoopTraining as LoopTraining
from sweeper.own_loop._training import adopt_loop as adopt_loop
from sweeper.own_loop._training import capture_loop as capture_loop
from sweeper.own_loop._training import keep_loop as keep_loop

__all__ = [
    "CutShort",
    "LoopTraining",
    "OwnLoop",
    "SeveralReplicas",
    "adopt_loop",
    "capture_loop",
    "describe_loop",
    "keep_loop",
]
