"""Everything that the outputs of one run say, as labelled numbers, so that what is said twice can be compared.

A statement is a subject (a row, a cell, a probe, the recommendation), what is said of it, and the text of the value.
The readers below know the form of an output (a table, a sentence, a title), not the run. Two texts agree if they are
the same number as far as the one with fewer digits goes.
"""

import html
import json
import re
from collections import defaultdict
from dataclasses import dataclass
from html.parser import HTMLParser

NUMBER = r"[-+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?"


@dataclass(frozen=True)
class Said:
    """One value in one output."""

    where: str
    subject: tuple
    what: str
    text: str


def contradictions(said):
    """Each subject of which two outputs say different things, in words."""
    groups = defaultdict(list)
    for one in said:
        groups[one.subject, one.what].append(one)
    found = []
    for (subject, what), ones in groups.items():
        exact = max(ones, key=lambda one: len(one.text))
        found += [
            f"{subject} {what}: {one.where} says {one.text!r}, {exact.where} says {exact.text!r}"
            for one in ones
            if not agree(one.text, exact.text)
        ]
    return found


def twice(said):
    """How many subjects are spoken of by at least two outputs."""
    groups = defaultdict(set)
    for one in said:
        groups[one.subject, one.what].add(one.where)
    return sum(len(places) > 1 for places in groups.values())


def agree(one, other):
    """Whether two texts are the same number at the digits that both have, or the same words."""
    try:
        values = [float(text.replace(",", "")) for text in (one, other)]
    except ValueError:
        return one.strip() == other.strip()
    digits = min(_digits(one), _digits(other))
    return abs(values[0] - values[1]) <= 0.51 * 10.0 ** (1 - digits) * 10.0 ** _power(max(map(abs, values)))


def _digits(text):
    mantissa = text.replace(",", "").lower().split("e")[0].lstrip("+-0.")
    # A rate is written without the noughts at its end, so 1e-3 may be any number of three digits that ends in them.
    return max(3, len(mantissa.replace(".", "")))


def _power(value):
    return int(f"{value:e}".split("e")[1]) if value else 0


# The results document: one statement for each value that other outputs may repeat.


def said_by_document(results, where="results.json"):
    """The statements of results.json, those in its sentences too."""
    yield from _said_by_setting(results["recommendation"], where)
    for row in results["rows"]:
        subject = ("row", row["optimizer"], row["batch_size"])
        yield from _ends(row, subject, where)
        for name in ("recommended_learning_rate", "fastest_learning_rate"):
            yield from _one(where, subject, name, row[name])
        yield from said_by_sentence(row["reason"], subject, f"{where}, reason of the row")
        for edge in row["edges"]:
            for name in ("low", "high"):
                yield from _one(where, subject, f"{edge['kind']} {name}", edge[name])
            yield from said_by_sentence(edge["sentence"], subject, f"{where}, sentence of an edge")
        for cell in row["cells"]:
            yield from _said_by_cell(cell, (*subject, f"{cell['learning_rate']:.3g}"), where)
    for probe in results["probes"]:
        for name in ("final_loss", "label", "steps_run"):
            yield from _one(where, ("probe", probe["id"]), name, probe[name])
    yield from _scores(results, where)
    yield from _compared(results, where)


def _said_by_setting(advice, where):
    if advice is None:
        return
    own = ("own",)
    yield from _one(where, own, "rate", advice["script"]["learning_rate"])
    yield from _one(where, own, "standing", advice["script"]["standing"])
    if advice["optimizer"] is None:
        return
    row = ("row", advice["optimizer"], advice["batch_size"])
    yield from _one(where + ", recommendation", row, "recommended_learning_rate", advice["learning_rate"])
    yield from _one(where + ", recommendation", row, "fastest_learning_rate", advice["fastest_learning_rate"])
    yield from _ends(advice, row, where + ", recommendation")
    yield from _one(where, ("advice",), "optimizer", advice["optimizer"])
    yield from _one(where, ("advice",), "batch", advice["batch_size"])
    if advice["comparison"] is not None:
        yield from said_of_sizes(advice["comparison"]["sentence"], f"{where}, comparison in words")
        for one in advice["comparison"]["sizes"]:
            yield from _one(f"{where}, comparison", ("size", one["batch_size"]), "compared", one["loss"])
    for name in ("reason", "limit"):
        yield from said_by_sentence(advice[name], row, f"{where}, {name}", rate=advice["learning_rate"])


def _compared(results, where):
    """What the cell of each batch size that is compared says of itself."""
    advice = results["recommendation"]
    for one in advice["comparison"]["sizes"] if advice and advice["comparison"] else ():
        row = next(
            r for r in results["rows"] if (r["optimizer"], r["batch_size"]) == (one["optimizer"], one["batch_size"])
        )
        cell = next(cell for cell in row["cells"] if cell["learning_rate"] == one["learning_rate"])
        yield from _one(f"{where}, cell", ("size", one["batch_size"]), "compared", cell["compared"])


def said_of_sizes(text, where):
    """What a text says that each batch size reached."""
    for listed in re.findall(r"Batch sizes by [a-z ]+, the lowest first: (.*?)\.(?:\s|<|$)", text, flags=re.DOTALL):
        for size, loss in re.findall(rf"([\d,]+) with ({NUMBER})", listed):
            yield Said(where, ("size", int(size.replace(",", ""))), "compared", loss.rstrip(","))


def _scores(results, where):
    """The score of a cell of one probe is the final loss of that probe."""
    for probe in results["probes"]:
        cells = [
            cell
            for row in results["rows"]
            if (row["optimizer"], row["batch_size"]) == (probe["optimizer"], probe["batch_size"])
            for cell in row["cells"]
            if cell["learning_rate"] == probe["learning_rate"] and cell["judged"] == 1 and probe["purpose"] == "map"
        ]
        for cell in cells:
            yield from _one(where + ", score of the cell", ("probe", probe["id"]), "final_loss", cell["score"])


def _said_by_cell(cell, subject, where):
    yield from _one(where, subject, "label", (cell["label"] or cell["failed"]))
    yield from _one(where, subject, "loss", cell["score"])
    chance = cell["diverges"]
    if chance is not None:
        yield from _one(where, subject, "chance", percent(chance["probability"]))
        yield Said(where, subject, "chance low", percent(chance["low"]))
        yield Said(where, subject, "chance high", percent(chance["high"]))


def percent(chance):
    """A chance as people read it."""
    return "under 1%" if chance < 0.01 else "over 99%" if chance > 0.99 else f"{chance:.0%}"


def _ends(row, subject, where):
    for name in ("trains_well", "stable"):
        ends = row[f"{name}_learning_rate"]
        for end in ("low", "high"):
            yield from _one(where, subject, f"{name} {end}", None if ends is None else ends[end])
    assert row["safe_learning_rate"] == row["stable_learning_rate"]


def _one(where, subject, what, value):
    if value is not None:
        yield Said(where, subject, what, repr(value) if isinstance(value, float) else str(value))


# Sentences, wherever they stand.


def said_by_sentence(text, subject, where, *, rate=None):
    """What a sentence about a row says of its rates and losses; `rate` is the rate that it speaks of."""
    number = f"({NUMBER})"
    for pattern, *names in (
        (rf"rains well from {number} to {number}", "trains_well low", "trains_well high"),
        (rf"slower but stable down to {number}", "stable low"),
        (rf"less well but stable up to {number}", "stable high"),
        (rf"(?:is|Is) stable from {number} to {number}", "stable low", "stable high"),
        (rf"loss is lowest at {number}", "fastest_learning_rate"),
        (rf"lowest loss, at {number}", "fastest_learning_rate"),
        (rf"above the stable range, which ends at {number}", "stable high"),
        (rf"lowest rate that fails is {number}", "diverges high"),
        (rf"learns from {number}", "learns high"),
        (rf"Use .* at {number}, batch", "recommended_learning_rate"),
        (rf"safe learning rate: {number}", "recommended_learning_rate"),
        (rf"recommended {number}", "recommended_learning_rate"),
    ):
        for found in re.finditer(pattern, text):
            for name, value in zip(names, found.groups(), strict=True):
                yield Said(where, subject, name, value.rstrip(".,;"))
    for found in re.finditer(rf"rains well at {number}", text):
        for name in ("trains_well low", "trains_well high"):
            yield Said(where, subject, name, found[1])
    # A range that reaches as far as the other one is not said again.
    well = re.search(rf"rains well (?:from|at) {number}(?: to {number})?", text)
    if well and "slower but stable" not in text:
        yield Said(where, subject, "stable low", well[1])
    if well and "less well but stable" not in text:
        yield Said(where, subject, "stable high", well[2] or well[1])
    near = re.search(rf"next lower rate that was probed, {number}, reached a loss of {number}", text)
    plain = re.search(rf"It reached a loss of {number}", text)
    if near:
        yield Said(where, (*subject, f"{float(near[1]):.3g}"), "loss", near[2])
    elif plain and rate is not None:
        yield Said(where, (*subject, f"{rate:.3g}"), "loss", plain[1])


# The terminal.


def said_by_terminal(text, where="terminal"):
    """The table of rows, and the sentences that follow it up to the report's place."""
    yield from said_of_sizes(text, where)
    lines = text.splitlines()
    head = next((at for at, line in enumerate(lines) if "trains well" in line and "recommended" in line), None)
    if head is None:
        return
    names = ("trains well", "stable", "recommended", "fastest", "fails from")
    for line in lines[head + 2 :]:
        if not line.strip():
            break
        optimizer, batch, *cells = re.split(r"\s{2,}", line.strip())
        yield from _said_by_table_row(("row", optimizer, int(batch)), dict(zip(names, cells, strict=True)), where)


def _said_by_table_row(subject, cells, where):
    for column, name in (("trains well", "trains_well"), ("stable", "stable")):
        ends = cells[column].split("..")
        if re.fullmatch(NUMBER, ends[0]):
            yield Said(where, subject, f"{name} low", ends[0])
            yield Said(where, subject, f"{name} high", ends[-1])
    if re.fullmatch(NUMBER, cells["recommended"]):
        yield Said(where, subject, "recommended_learning_rate", cells["recommended"])
    rate, *unstable = cells["fastest"].split()
    if re.fullmatch(NUMBER, rate):
        yield Said(where, subject, "fastest_learning_rate", rate)
        yield Said(where, subject, "fastest is stable", str(not unstable))
    between = re.fullmatch(rf"(?:({NUMBER})\.\.|below )({NUMBER})|above ({NUMBER})", cells["fails from"])
    for name, end in (("low", between and (between[1] or between[3])), ("high", between and between[2])):
        if end:
            yield Said(where, subject, f"diverges {name}", end)


# The page.


class Tables(HTMLParser):
    """The text of a page by element, and the descriptions of its cells."""

    def __init__(self, page):
        super().__init__()
        self.descriptions, self.rows, self.sections, self.open = [], [], {}, []
        self._section = "head"
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "section":
            self._section = given.get("id") or "hero"
        if tag == "tr":
            self.rows.append((self._section, []))
        if tag in {"td", "th"} and self.rows:
            self.rows[-1][1].append("")
        if "data-cell" in given:
            self.descriptions.append((given["data-cell"], given["title"]))
        self.open.append(tag)

    def handle_endtag(self, tag):
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        if "script" in self.open or "style" in self.open:
            return
        self.sections[self._section] = self.sections.get(self._section, "") + data
        if self.rows and self.rows[-1][1] and {"td", "th"} & set(self.open):
            self.rows[-1][1][-1] += data


def said_by_page(page, results, where="report.html"):
    """The statements of the page: its headline, tables, cells, snippets and the data of its figures."""
    tables = Tables(page)
    own = None if results["target"]["job"] is None else results["target"]["job"]["optimizer"]["name"]
    advice = results["recommendation"]
    hero = " ".join(tables.sections.get("hero", "").split())
    if advice and advice["optimizer"] is not None:
        row = ("row", advice["optimizer"], advice["batch_size"])
        first = hero.split("Yours:")[0]
        yield from said_by_sentence(first, row, f"{where}, headline")
        yield from said_by_sentence(hero.split("your own")[0], row, f"{where}, hero", rate=advice["learning_rate"])
        named = re.search(r"Use (.*?) at .*? batch size (\d+)", first)
        yield Said(where, ("advice",), "optimizer", _label(named[1], own))
        yield Said(where, ("advice",), "batch", named[2])
        yield from _said_by_snippets(page, row, where)
    for place in re.findall(rf"yours ({NUMBER})", hero):
        yield Said(where, ("own",), "rate", place)
    for section, cells in tables.rows:
        if section == "ranges" and len(cells) > 6 and cells[0] != "optimizer":
            yield from _said_by_page_row(cells, own, where)
    yield from _said_by_data(page, results, where)
    yield from said_of_sizes(tables.sections.get("sizes", ""), where)


def _label(title, own):
    return title.replace(f"your {own}", "script", 1) if own else title


def _said_by_snippets(page, row, where):
    code = [html.unescape(text) for text in re.findall(r"<pre><code>(.*?)</code></pre>", page, flags=re.DOTALL)]
    for text in code:
        keras = re.search(rf"learning_rate=({NUMBER})", text)
        if keras:
            yield Said(f"{where}, Keras snippet", row, "recommended_learning_rate", keras[1])
        if text.startswith('{"optimizer"'):
            setting = json.loads(text)
            yield from _one(f"{where}, JSON snippet", row, "recommended_learning_rate", setting["learning_rate"])
            for name in ("trains_well", "stable"):
                for end in ("low", "high"):
                    value = setting[f"{name}_learning_rate"][end]
                    yield from _one(f"{where}, JSON snippet", row, f"{name} {end}", value)


def _said_by_page_row(cells, own, where):
    subject = ("row", _label(cells[0].strip(), own), int(cells[1]))
    for column, name in ((2, "trains_well"), (3, "stable")):
        ends = [end.strip() for end in cells[column].split("…")]
        if re.fullmatch(NUMBER, ends[0]):
            yield Said(where, subject, f"{name} low", ends[0])
            yield Said(where, subject, f"{name} high", ends[-1])
    if re.fullmatch(NUMBER, cells[5].strip()):
        yield Said(where, subject, "recommended_learning_rate", cells[5].strip())
    rate, *unstable = cells[6].split()
    if re.fullmatch(NUMBER, rate):
        yield Said(where, subject, "fastest_learning_rate", rate)
        yield Said(where, subject, "fastest is stable", str(not unstable))
    yield from said_by_sentence(" ".join(cells[7].split()), subject, f"{where}, why")


def _said_by_data(page, results, where):
    """What the figures show: the looks of cells, their chances, and the losses of probes."""
    data = json.loads(re.search(r'id="sweeper-data">(.*?)</script>', page, flags=re.DOTALL)[1])
    optimizers = list(dict.fromkeys(row["optimizer"] for row in results["rows"]))
    for key, rate, look, notes in ((c[0], c[3], c[4], (c[1], c[6])) for c in data["cells"].values()):
        optimizer = optimizers[int(key.removeprefix("map"))]
        subject = ("row", optimizer, data["rows"][key][notes[0]][0], f"{float(rate):.3g}")
        yield Said(
            f"{where}, map", subject, "label", {"failed": "crashed"}.get(data["looks"][look][0], data["looks"][look][0])
        )
        yield from _said_by_notes(notes[1], subject, f"{where}, map")
    shown = {probe["row"]: probe for probe in data["probes"].values()}
    for number, probe in enumerate(results["probes"]):
        facts = shown.get(f"probe{number}", {"facts": ""})["facts"]
        loss = re.search(rf"final loss ({NUMBER})", facts)
        if loss:
            yield Said(f"{where}, facts of a probe", ("probe", probe["id"]), "final_loss", loss[1])
    for cell in re.findall(r'<tr id="(probe\d+)">(.*?)</tr>', page, flags=re.DOTALL):
        loss = re.findall(r'<td class="n" data-value="([^"]*)">([^<]*)</td>', cell[1])
        probe = results["probes"][int(cell[0].removeprefix("probe"))]
        if loss[3][0]:
            yield Said(f"{where}, table of probes", ("probe", probe["id"]), "final_loss", loss[3][1])


def _said_by_notes(notes, subject, where):
    chance = re.search(
        r"(?:chance \S+ \S+|fails is|failing is|failing|diverging) ((?:under |over )?\d+%)"
        r"(?: \((?:((?:under |over )?\d+%) to ((?:under |over )?\d+%)|at most (.*?)|at least (.*?))\))?",
        notes,
    )
    if chance:
        value = chance[1]
        yield Said(where, subject, "chance", value)
        yield Said(where, subject, "chance low", chance[2] or chance[5] or value)
        yield Said(where, subject, "chance high", chance[3] or chance[4] or value)
