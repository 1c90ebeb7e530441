"""What a run found as results, the page that renders them, and the words that page and terminal share."""

from sweeper.reporting._curves import PageCurve as PageCurve
from sweeper.reporting._curves import curves_for_page as curves_for_page
from sweeper.reporting._detailed import detailed_probes as detailed_probes
from sweeper.reporting._document import LOG_TAIL_CHARACTERS as LOG_TAIL_CHARACTERS
from sweeper.reporting._document import results_document as results_document
from sweeper.reporting._headline import Headline as Headline
from sweeper.reporting._headline import headline as headline
from sweeper.reporting._headline import probes_done as probes_done
from sweeper.reporting._headline import ranges_of as ranges_of
from sweeper.reporting._headline import why_nothing as why_nothing
from sweeper.reporting._looks import LOOKS as LOOKS
from sweeper.reporting._looks import NOT_RUN as NOT_RUN
from sweeper.reporting._looks import Look as Look
from sweeper.reporting._looks import look_of as look_of
from sweeper.reporting._looks import look_of_cell as look_of_cell
from sweeper.reporting._page import report_page as report_page
from sweeper.reporting._page import template_environment as template_environment
from sweeper.reporting._raster import Raster as Raster
from sweeper.reporting._raster import raster_of as raster_of
from sweeper.reporting._sizes import compared_sentence as compared_sentence
from sweeper.reporting._sizes import scaling_sentence as scaling_sentence
from sweeper.reporting._snippets import batch_line as batch_line

__all__ = [
    "LOG_TAIL_CHARACTERS",
    "LOOKS",
    "NOT_RUN",
    "Headline",
    "Look",
    "PageCurve",
    "Raster",
    "batch_line",
    "compared_sentence",
    "curves_for_page",
    "detailed_probes",
    "headline",
    "look_of",
    "look_of_cell",
    "probes_done",
    "ranges_of",
    "raster_of",
    "report_page",
    "results",
    "results_document",
    "scaling_sentence",
    "template_environment",
    "why_nothing",
]
