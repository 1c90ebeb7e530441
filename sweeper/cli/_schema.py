"""`sweeper schema`: what results.json looks like."""

from sweeper.errors import ExitStatus


def schema() -> ExitStatus:
    """Print the JSON schema of results.json."""
    from sweeper.cli.output import print_json
    from sweeper.results import results_schema

    print_json(results_schema())
    return ExitStatus.DONE
