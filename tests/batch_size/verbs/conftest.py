from tests.cli.conftest import empty_folder, library, sweeper

__all__ = ["empty_folder", "library", "sweeper"]
