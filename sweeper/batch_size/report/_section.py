"""The section of a report page on memory and batch size."""

from sweeper.batch_size.report._headline import memory_sentence, other_size
from sweeper.batch_size.report._panel import memory_panel
from sweeper.batch_size.report._words import limit_text
from sweeper.reporting import template_environment
from sweeper.results import Memory, Results
from sweeper.slices import PageSection


def page_section(results: Results, memory: Memory) -> PageSection:
    """The section, with its figure."""
    from sweeper.batch_size.report._figure import memory_figure  # plotly: not needed for the terminal

    html = (
        template_environment("sweeper.batch_size.report")
        .get_template("memory.html.j2")
        .render(search=memory, memory=memory_panel(memory), other_size=other_size(results), limit_text=limit_text)
    )
    return PageSection(html=html, figure=memory_figure(memory), sentence=memory_sentence(results))
