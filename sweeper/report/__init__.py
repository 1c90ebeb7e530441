"""results -> results.json and report.html: the results document and the page that renders it."""

from sweeper.report._curves import PageCurve as PageCurve
from sweeper.report._curves import curves_for_page as curves_for_page
from sweeper.report._document import Thresholds as Thresholds
from sweeper.report._document import results_document as results_document
from sweeper.report._headline import Headline as Headline
from sweeper.report._headline import headline as headline
from sweeper.report._headline import probes_done as probes_done
from sweeper.report._looks import LOOKS as LOOKS
from sweeper.report._looks import Look as Look
from sweeper.report._looks import look_of_cell as look_of_cell
from sweeper.report._memory import MemoryBand as MemoryBand
from sweeper.report._page import report_page as report_page
from sweeper.report._told import told_probes as told_probes
from sweeper.text import number_text as number_text
from sweeper.text import plural as plural
from sweeper.text import rate_text as rate_text
from sweeper.text import seconds_text as seconds_text

__all__ = [
    "LOOKS",
    "Headline",
    "Look",
    "MemoryBand",
    "PageCurve",
    "Thresholds",
    "curves_for_page",
    "headline",
    "look_of_cell",
    "number_text",
    "plural",
    "probes_done",
    "rate_text",
    "report_page",
    "results_document",
    "seconds_text",
    "told_probes",
]
