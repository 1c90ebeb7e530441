"""One self-contained HTML file from the results.

Nothing is fetched: style, scripts and data are in the file, and its content-security policy forbids every request.
Whatever comes from the user's script is escaped by the template or put into the data as JSON, never as markup.
"""

import shlex
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from sweeper.job import COMMAND, Engine
from sweeper.reporting import _spark as spark_module
from sweeper.reporting._curves import PageCurve
from sweeper.reporting._detailed import detailed_probes
from sweeper.reporting._facts import job_facts, key_facts, machine_facts, seeds_text, validation_text
from sweeper.reporting._headline import headline, probes_done, strip
from sweeper.reporting._looks import LOOKS, Look, look_of_cell, look_of_probe
from sweeper.reporting._maps import MOST_IN_TABLES, MapView, map_views, optimizer_title
from sweeper.reporting._scale import LogScale
from sweeper.reporting._sizes import compared_sentence, noise_sentence, scaling_sentence
from sweeper.reporting._snippets import command_snippet, json_snippet, keras_snippet
from sweeper.results import Results
from sweeper.slices import batch_size_section
from sweeper.text import bytes_text, final_loss_text, moment_text, number_text, plural, rate_text, seconds_text

VENDORED_PLOTLY = "vendor/plotly-cartesian.min.js"


def report_page(results: Results, curves: Mapping[str, PageCurve]) -> str:
    """The report as one HTML file; `curves` come from `curves_for_page`, by the ids of probes."""
    from sweeper.reporting._data import json_for_script, page_data  # plotly: not needed for the document

    maps, detailed = map_views(results), detailed_probes(results)
    memory = None if results.memory is None else batch_size_section().page_section(results, results.memory)
    return (
        template_environment()
        .get_template("report.html.j2")
        .render(
            results=results,
            job=results.target.job,
            headline=headline(results),
            strip=strip(results, maps),
            well_share=_well_share(results),
            memory=memory,
            done=probes_done(results),
            maps=maps,
            tabled=sum(len(row.cells) for view in maps for row in view.rows) <= MOST_IN_TABLES,
            legend=_legend(results, maps),
            looks=LOOKS,
            scale=_common_scale(maps),
            rates=_ends_of_axis(maps),
            sparks=_sparks(results, curves),
            detailed=[(number, probe) for number, probe in enumerate(results.probes) if probe.id in detailed],
            snippets={
                "Command": command_snippet(results),
                "Keras": keras_snippet(results),
                "JSON": json_snippet(results),
            },
            **_facts(results),
            data=json_for_script(
                page_data(results, maps, curves, detailed, memory=None if memory is None else memory.figure)
            ),
            compared=compared_sentence(results),
            scaling_sentence=scaling_sentence,
            noise_sentence=noise_sentence,
            look_of=look_of_cell,
            name_of=lambda label: optimizer_title(results, label),
        )
    )


def packaged_text(name: str) -> str:
    """The text of a file that comes with this package."""
    return files("sweeper.reporting").joinpath(name).read_text(encoding="utf-8")


def _facts(results: Results) -> dict[str, Any]:
    job, own_loop = results.target.job, results.environment.engine == Engine.LOOP.value
    return {
        "key_facts": key_facts(results),
        "job_facts": [] if job is None else job_facts(job, own_loop=own_loop),
        "machine_facts": machine_facts(results.environment),
        "seeds_differ": "" if job is None or job.model == COMMAND else seeds_text(job, own_loop=own_loop),
        "validation": "" if job is None else validation_text(job),
        "command": shlex.join(results.environment.command),
    }


def _well_share(results: Results) -> str:
    """Part of the best fall of the loss from which on a rate trains well: the number that decided."""
    return next((f"{item.value:.0%}" for item in results.thresholds if item.name == "well"), "most")


@cache
def template_environment(package: str = "sweeper.reporting") -> Environment:
    """The templates of the page and of a package that makes a section of it, with the filters that they use."""
    packages = dict.fromkeys((package, "sweeper.reporting"))
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(name, "template") for name in packages]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        rate=rate_text,
        number=number_text,
        final_loss=final_loss_text,
        seconds=seconds_text,
        bytes=bytes_text,
        plural=plural,
        look=look_of_probe,
        moment=moment_text,
    )
    environment.globals.update(packaged_text=packaged_text, plotly=VENDORED_PLOTLY, spark_size=spark_module)
    return environment


def _legend(results: Results, maps: Sequence[MapView]) -> tuple[Look, ...]:
    shown = {cell.look for view in maps for row in view.rows for cell in row.cells}
    shown |= {look_of_probe(probe) for probe in results.probes if probe.learning_rate}
    return tuple(look for look in LOOKS if look in shown)


def _common_scale(maps: Sequence[MapView]) -> LogScale | None:
    if not maps:
        return None
    return LogScale(low=min(view.edges[0] for view in maps), high=max(view.edges[-1] for view in maps))


def _ends_of_axis(maps: Sequence[MapView]) -> tuple[float, ...]:
    return () if not maps else (min(view.rates[0] for view in maps), max(view.rates[-1] for view in maps))


def _sparks(results: Results, curves: Mapping[str, PageCurve]) -> dict[str, spark_module.Spark]:
    return {
        probe.id: spark_module.spark(curves[probe.id], steps=probe.steps)
        for probe in results.probes
        if probe.id in curves
    }
