"use strict";
(() => {
  const page = JSON.parse(document.getElementById("sweeper-data").textContent);
  const panel = document.getElementById("curves");
  const narrow = matchMedia("(max-width: 1079px)");
  let chosen = null;

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
  const stepsOf = (curve) => curve.steps ?? curve.train_loss.map((_, index) => index + 1);
  const copyOf = (value) => JSON.parse(JSON.stringify(value));

  function element(tag, className, text) {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  }

  function themed(layout) {
    const colours = { gridcolor: colour("grid"), linecolor: colour("line"), tickcolor: colour("line") };
    const axes = Object.entries(layout).filter(([name]) => /^[xy]axis/.test(name));
    return {
      ...layout,
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 12.5, color: colour("quiet") },
      hoverlabel: { bgcolor: colour("card"), bordercolor: colour("line"), font: { color: colour("ink") } },
      ...Object.fromEntries(axes.map(([name, axis]) => [name, { ...axis, ...colours }])),
    };
  }

  // Maps

  function cellOf(key) {
    if (!page.cells[key]) return null;
    const [map, row, column, rate, look, agreement, notes, probes, untold] = page.cells[key];
    const [batch, nulls] = page.rows[map][row];
    const [name, glyph, verdict] = page.looks[look];
    const title = `${page.titles[map]} · ${rate} · batch size ${batch}`;
    const description = `${rate} at batch size ${batch}: ${verdict}${notes}`;
    const [x0, x1] = page.maps[map].data[0].x.slice(column, column + 2);
    return { map, title, description, look: name, glyph, verdict, agreement, probes, untold, nulls, box: [x0, x1, row] };
  }

  // What lies between two probed columns: what they agree on, or an edge that is not known better.
  function between(codes, column) {
    const titleAt = (place) => page.looks[codes[place]][2];
    const probed = (place) => codes[place] !== null && codes[place] < page.looks.length;
    let [left, right] = [column, column];
    while (left > 0 && !probed(left)) left -= 1;
    while (right < codes.length - 1 && !probed(right)) right += 1;
    if (!probed(left) || !probed(right)) return "not probed";
    const ends = titleAt(left) === titleAt(right) ? `two that are ${titleAt(left)}` : `${titleAt(left)} and ${titleAt(right)}`;
    return `not probed, between ${ends}`;
  }

  function describe(trace) {
    trace.customdata = trace.customdata.map((row, place) => row.map((told, column) =>
      told ? [told[0], cellOf(told[0]).description] : ["", between(trace.z[place], column)]));
  }

  function thinned(axis, width) {
    const step = Math.ceil((axis.tickvals.length * 54) / Math.max(width, 54));
    const kept = (values) => values.filter((_, index) => index % step === 0);
    return { ...axis, tickvals: kept(axis.tickvals), ticktext: kept(axis.ticktext) };
  }

  function chosenBox(key) {
    const cell = chosen && cellOf(chosen);
    if (!cell || cell.map !== key) return [];
    const [x0, x1, row] = cell.box;
    const line = { color: colour("accent"), width: 3.5 };
    return [{ type: "rect", x0, x1, y0: row - 0.5, y1: row + 0.5, line }];
  }

  function drawMap(box) {
    const figure = copyOf(page.maps[box.dataset.map]);
    describe(figure.data[0]);
    for (const trace of figure.data.filter((trace) => trace.mode === "markers")) {
      Object.assign(trace.marker, { color: colour("ink"), line: { width: 1.5, color: colour("card") } });
    }
    for (const trace of figure.data.filter((trace) => trace.meta)) trace.textfont.color = colour(trace.meta);
    const shapes = (figure.layout.shapes || []).map((shape) => ({ ...shape, line: { ...shape.line, color: colour("ink") } }));
    const layout = themed({ ...figure.layout, shapes: [...shapes, ...chosenBox(box.dataset.map)] });
    layout.xaxis = thinned(layout.xaxis, box.clientWidth - 80);
    Plotly.react(box, figure.data, layout, page.config);
  }

  function openMap(box) {
    drawMap(box);
    box.on("plotly_click", (event) => {
      const hit = event.points.find((point) => point.customdata?.[0]);
      if (hit) choose(hit.customdata[0], true);
    });
  }

  // Memory, and the long training

  // Traces say in `meta`, shapes and annotations in `name`, which colour of the style sheet is theirs.
  function drawFigure(box) {
    const figure = copyOf(page[box.dataset.figure]);
    for (const trace of figure.data) {
      const color = colour(trace.meta);
      const marker = { ...trace.marker, color, line: { ...trace.marker?.line, color: colour("card") } };
      Object.assign(trace, { line: { ...trace.line, color }, marker });
      if (trace.error_y) trace.error_y.color = color;
      if (trace.fill) trace.fillcolor = `${color}2e`;
    }
    const named = (items, colouring) => (items || []).map((item) => ({ ...item, ...colouring(item, colour(item.name)) }));
    const layout = themed({
      ...figure.layout,
      shapes: named(figure.layout.shapes, (shape, color) => ({ line: { ...shape.line, color } })),
      annotations: named(figure.layout.annotations, (note, color) => ({
        font: { ...note.font, color },
        bgcolor: note.yref === "paper" ? colour("card") : "rgba(0,0,0,0)",
      })),
    });
    if (layout.xaxis.tickvals) layout.xaxis = thinned(layout.xaxis, box.clientWidth - 90);
    Plotly.react(box, figure.data, layout, page.config);
  }

  function openFigure(box) {
    box.hidden = false;
    box.style.height = `${page[box.dataset.figure].layout.height}px`;
    setTimeout(() => drawFigure(box));
  }

  // Curves

  function lineOf(kind, x, y, name, color) {
    const line = copyOf(page.curve.lines[kind]);
    return Object.assign(line, { x, y, name, line: { ...line.line, color }, marker: { ...line.marker, color } });
  }

  function linesOf(cell) {
    const lines = cell.nulls.filter((id) => page.curves[id]).map((id) =>
      lineOf("null", stepsOf(page.curves[id]), page.curves[id].train_loss, "no updates", colour("quiet")));
    cell.probes.filter((id) => page.curves[id]).forEach((id, index) => {
      const curve = page.curves[id];
      const of = index ? `, seed ${page.probes[id].seed}` : "";
      const pair = [lineOf("train", stepsOf(curve), curve.train_loss, `training${of}`, colour("train"))];
      if (curve.val_steps.length) {
        pair.push(lineOf("validation", curve.val_steps, curve.val_loss, `validation${of}`, colour("validation")));
      }
      lines.push(...pair.map((line) => ({ ...line, showlegend: index === 0 })));
    });
    return lines;
  }

  // One diverging loss would flatten everything else, so the axis ends well above the start and the line leaves it.
  function lossRange(lines) {
    const losses = lines.flatMap((line) => line.y).filter((loss) => loss !== null);
    if (!losses.length) return { type: "linear", range: [0, 1], top: 1 };
    const low = Math.min(...losses);
    const starts = lines.map((line) => Math.abs(line.y.find((loss) => loss !== null) || 0));
    if (low > 0) {
      const high = Math.min(Math.max(...losses), 1e6 * Math.max(...starts));
      const pad = 0.06 * Math.max(Math.log10(high / low), 0.2);
      const range = [Math.log10(low) - pad, Math.log10(high) + pad];
      return { type: "log", range, top: 10 ** range[1] };
    }
    const high = Math.min(Math.max(...losses), 5 * Math.max(...starts, Math.abs(low)) || 1);
    const pad = 0.06 * (high - low || 1);
    return { type: "linear", range: [low - pad, high + pad], top: high + pad };
  }

  function badSteps(cell, top) {
    const steps = cell.probes.map((id) => page.curves[id]?.nonfinite_step).filter(Boolean);
    if (!steps.length) return [];
    const mark = lineOf("nonfinite", steps, steps.map(() => top), "not finite", colour("bad"));
    mark.hovertemplate = "not finite from step %{x}<extra></extra>";
    return [mark];
  }

  function nonfiniteNote(step, lines) {
    const late = step > 0.5 * Math.max(...lines.flatMap((line) => line.x));
    return {
      x: step, y: 1, yref: "paper", yanchor: "top", xanchor: late ? "right" : "left", xshift: late ? -8 : 8,
      text: `not finite from step ${step}`, showarrow: false, font: { size: 12, color: colour("bad") },
    };
  }

  function drawCurves(cell) {
    const box = document.getElementById("panel-chart");
    const lines = linesOf(cell);
    box.hidden = !lines.length;
    if (box.hidden) return;
    const { type, range, top } = lossRange(lines);
    const bad = badSteps(cell, top);
    const layout = themed(copyOf(page.curve.layout));
    const decades = range[1] - range[0];
    const ticks = type === "log" && decades > 1.3 ? { dtick: Math.ceil(decades / 6) } : {};
    Object.assign(layout.yaxis, { type, range, ...ticks });
    layout.annotations = bad.map((mark) => nonfiniteNote(Math.min(...mark.x), lines));
    Plotly.react(box, [...lines, ...bad], layout, page.config);
  }

  function listProbes(cell) {
    const list = document.getElementById("panel-probes");
    list.replaceChildren(...cell.probes.map((id) => {
      const probe = page.probes[id];
      const item = document.createElement("li");
      const badge = element("span", `badge look-${probe.look}`, "");
      badge.append(element("b", "", probe.glyph));
      const text = document.createElement("div");
      if (cell.probes.length > 1) text.append(element("b", "", `Seed ${probe.seed}. `));
      text.append(probe.sentences.join(" "), element("div", "quiet", `${probe.facts} `));
      const link = element("a", "", "details");
      link.href = `#${probe.row}`;
      text.lastChild.append(link);
      item.append(badge, text);
      return item;
    }));
    const elsewhere = `${cell.untold} more in results.json; the curves are in the folder probes.`;
    if (cell.untold) list.append(element("li", "quiet", elsewhere));
    else if (!cell.probes.length) list.append(element("li", "quiet", "No probe has ended here."));
  }

  function choose(key, byPerson) {
    chosen = key;
    const cell = cellOf(key);
    panel.hidden = false;
    const badge = element("span", `badge look-${cell.look}`, "");
    badge.append(element("b", "", cell.glyph), ` ${cell.verdict}${cell.agreement ? ` (${cell.agreement})` : ""}`);
    document.getElementById("panel-title").replaceChildren(cell.title, badge);
    drawCurves(cell);
    listProbes(cell);
    for (const button of document.querySelectorAll("[data-cell]")) {
      button.classList.toggle("chosen", button.dataset.cell === key);
      button.setAttribute("aria-pressed", String(button.dataset.cell === key));
    }
    document.querySelectorAll(".map .figure.js-plotly-plot").forEach(drawMap);
    if (byPerson && narrow.matches) panel.scrollIntoView({ block: "start" });
  }

  // Tables

  function moveInGrid(event) {
    const button = event.target.closest("[data-cell]");
    const moves = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
    if (!button || !moves[event.key]) return;
    const [down, right] = moves[event.key];
    const beside = right > 0 ? button.nextElementSibling : button.previousElementSibling;
    if (right && beside?.matches("[data-cell]")) {
      event.preventDefault();
      beside.focus();
      return;
    }
    const cell = button.closest("td");
    const row = cell.parentElement.parentElement.rows[cell.parentElement.sectionRowIndex + down];
    const next = row?.cells[cell.cellIndex + right]?.querySelector("[data-cell]");
    if (!next) return;
    event.preventDefault();
    next.focus();
  }

  function sortBy(table, column, header) {
    const direction = header.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    const valueOf = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent.trim();
    const numeric = header.classList.contains("n");
    const compare = (a, b) => {
      if (a === b) return 0;
      if (a === "" || b === "") return a === "" ? 1 : -1;
      return direction * (numeric ? a - b : a.localeCompare(b));
    };
    const rows = [...table.tBodies[0].rows].sort((a, b) => compare(valueOf(a), valueOf(b)));
    table.tBodies[0].append(...rows);
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
  }

  function makeSortable(table) {
    [...table.tHead.rows[0].cells].forEach((header, column) => {
      if ("fixed" in header.dataset) return;
      const button = element("button", "sort", header.textContent);
      button.type = "button";
      button.addEventListener("click", () => sortBy(table, column, header));
      header.replaceChildren(button);
    });
  }

  // The rest

  async function copy(button) {
    const code = button.closest(".snippet").querySelector("code");
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(code);
      button.textContent = "Press Ctrl+C";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1600);
  }

  function openTarget() {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    const closed = target && target.closest("details:not([open])");
    if (!closed) return;
    closed.open = true;
    target.scrollIntoView();
  }

  function redraw() {
    document.querySelectorAll(".map .figure.js-plotly-plot").forEach(drawMap);
    document.querySelectorAll("[data-figure].js-plotly-plot").forEach(drawFigure);
    if (chosen) drawCurves(cellOf(chosen));
  }

  function openForPrint() {
    for (const closed of document.querySelectorAll("details:not([open])")) {
      closed.open = true;
      closed.dataset.forPrint = "";
    }
  }

  function closeAfterPrint() {
    for (const opened of document.querySelectorAll("details[data-for-print]")) {
      opened.open = false;
      delete opened.dataset.forPrint;
    }
  }

  function start() {
    document.addEventListener("click", (event) => {
      const cell = event.target.closest("[data-cell]");
      const button = event.target.closest(".copy");
      if (cell) choose(cell.dataset.cell, true);
      if (button) copy(button);
    });
    document.addEventListener("keydown", moveInGrid);
    document.querySelectorAll(".copy").forEach((button) => { button.hidden = false; });
    document.querySelectorAll(".sortable").forEach(makeSortable);
    addEventListener("hashchange", openTarget);
    addEventListener("beforeprint", openForPrint);
    addEventListener("afterprint", closeAfterPrint);
    openTarget();
    document.querySelectorAll("[data-figure]").forEach(openFigure);
    if (page.first) choose(page.first, false);
    for (const box of document.querySelectorAll(".map .figure")) {
      box.hidden = false;
      box.style.height = `${page.maps[box.dataset.map].layout.height}px`;
      box.parentElement.querySelector("details").open = false;
      // Each map in a task of its own: the first is there at once, and none holds up the page.
      setTimeout(() => openMap(box));
    }
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
    matchMedia("print").addEventListener("change", redraw);
  }

  start();
})();
