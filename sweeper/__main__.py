"""`python -m sweeper` is the command `sweeper`."""

import sys

from sweeper.cli import main

if __name__ == "__main__":
    sys.exit(main())
