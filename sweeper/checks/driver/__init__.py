"""What the driver does for the checks: it asks a worker for the diagnosis of a script, and looks at the machine."""

from sweeper.checks.driver._doctor import CheckUp as CheckUp
from sweeper.checks.driver._doctor import doctor as doctor
from sweeper.checks.driver._script import diagnose as diagnose
