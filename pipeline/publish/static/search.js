// Searches the sentences in search/*.js, which a page may read where it may not fetch. Everything is written as text.
"use strict";
(() => {
  const PAGE = 20;
  const TABLES = { f: "finding", r: "recommendation", m: "metric" };
  const SHEET_ROWS = 50000; // a browser writes an Excel file in memory
  // the columns of results as files, with their widths in characters
  const COLUMNS = {
    item_id: 24, table: 16, kind: 20, council: 22, region: 20, date: 12, text: 90, value: 34, themes: 40, cohorts: 24,
    document: 44, place: 20, file: 34, source: 34,
  };
  const home = document.getElementById("search-results");
  const list = document.getElementById("results-list");
  const title = document.getElementById("results-title");
  const more = document.getElementById("results-more");
  const actions = document.getElementById("results-actions");
  const root = home.dataset.root;
  const given = new URLSearchParams(location.search);
  const asked = (name) => (given.get(name) || "").trim();
  let about, rest, found = [], shown = 0;

  const fold = (text) => text.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[’‘]/g, "'");
  const escape = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  // a word stands at the start of a word, so that "supervis" finds supervision; quotation marks hold words together
  const patterns = [...fold(asked("q")).matchAll(/["“]([^"”]+)["”]|([^\s"“”]+)/g)]
    .map((m) => (m[1] || m[2]).trim()).filter(Boolean)
    .map((words) => new RegExp(`(?<![\\p{L}\\p{N}])${words.split(/\s+/).map(escape).join("\\s+")}`, "u"));

  function fits(row) {
    const [, table, kind, text, document_, council, date, , codes, cohorts, , said] = row;
    const name = TABLES[table], word = about.kinds[kind][0];
    if (asked("council") && about.councils[council] !== asked("council")) return false;
    if (asked("region") && about.documents[document_][2] !== asked("region")) return false;
    if (asked("kind") && asked("kind") !== name && !(name === "recommendation" && asked("kind") === word)) return false;
    if (asked("polarity") && !(name === "finding" && asked("polarity") === word)) return false;
    if (asked("theme") && !codes.some((c) => about.codes[c][0] === asked("theme"))) return false;
    if (asked("cohort") && !cohorts.includes(asked("cohort"))) return false;
    if (asked("since") && (!date || date < asked("since"))) return false;
    if (asked("until") && (!date || date > asked("until"))) return false;
    if (!patterns.length) return true;
    const words = fold(`${text} ${said}`);
    return patterns.every((p) => p.test(words));
  }

  function add(parent, tag, text, more_ = {}) {
    const node = document.createElement(tag);
    if (text) node.textContent = text;
    for (const [name, value] of Object.entries(more_)) node.setAttribute(name, value);
    parent.append(node);
    return node;
  }

  function show(row) {
    const [id, , kind, text, document_, council, , date, codes, , place, said] = row;
    const [documentId, name] = about.documents[document_];
    const item = add(list, "li", "", { class: "gt-item" });
    add(item, "p", `“${text}”`, { class: "gt-words" });
    if (said) add(item, "p", said, { class: "gt-said" });
    const line = add(item, "p", "", { class: "gt-about" });
    add(line, "strong", about.kinds[kind][1] || "Count", { class: `govuk-tag govuk-tag--${about.kinds[kind][2]}` });
    line.append(` ${about.councils[council]}, ${name}, ${date || "undated"}, ${place}. `);
    for (const code of codes) {
      add(line, "a", about.codes[code][1], { class: "govuk-link", href: `${root}themes/${about.codes[code][0]}.html` });
      line.append(" ");
    }
    const link = add(line, "a", "Evidence", { class: "govuk-link", href: `${root}documents/${documentId}.html#${id}` });
    add(link, "span", `: ${text.slice(0, 60)}`, { class: "govuk-visually-hidden" });
  }

  function showMore() {
    const first = shown;
    for (const row of found.slice(shown, shown + PAGE)) show(row);
    shown = Math.min(found.length, shown + PAGE);
    more.hidden = shown === found.length;
    if (first) list.children[first].querySelector("a").focus();
  }

  function finish() {
    found.sort((a, b) => (a[6] < b[6] ? 1 : a[6] > b[6] ? -1 : 0)); // the newest first
    title.textContent = `${found.length.toLocaleString("en-GB")} ${found.length === 1 ? "result" : "results"}, newest first`;
    actions.hidden = !found.length;
    document.getElementById("results-cut").hidden = found.length <= SHEET_ROWS;
    if (!found.length) add(home, "p", "Nothing in the dataset fits. Take a filter away, or use fewer words.");
    showMore();
  }

  // a spreadsheet must not take a sentence for a formula, nor a comma for a new cell
  const cell = (text) => `"${(/^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;

  function listCells([id, table, kind, text, document_, council, date, , codes, cohorts, place, said]) {
    const [, name, region, file, source] = about.documents[document_];
    return [id, TABLES[table], about.kinds[kind][0], about.councils[council], region, date, text, said,
      codes.map((c) => about.codes[c][1]).join("; "), cohorts.join("; "), name, place, file, source];
  }

  function saveCsv() {
    const rows = [Object.keys(COLUMNS), ...found.map(listCells)];
    const body = "\ufeff" + rows.map((r) => r.map(cell).join(",")).join("\r\n") + "\r\n";
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([body], { type: "text/csv;charset=utf-8" }));
    link.download = "results.csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  // every text is a cell of text, which stays one when it is edited
  function saveSheet() {
    const names = Object.keys(COLUMNS);
    const head = names.map((name) => ({ value: name, fontWeight: "bold" }));
    const rows = found.slice(0, SHEET_ROWS).map(listCells).map((cells) => cells.map((text, n) => {
      if (!text) return null;
      if (names[n] === "date") return { value: new Date(text), type: Date, format: "d mmm yyyy", alignVertical: "top" };
      return { value: text.slice(0, 32767), type: String, format: "@", wrap: true, alignVertical: "top" };
    }));
    const columns = names.map((name) => ({ width: COLUMNS[name] }));
    writeXlsxFile([head, ...rows], { columns, sheet: "Results", stickyRowsCount: 1 }).toFile("results.xlsx");
  }

  function load(name, then) {
    const script = document.createElement("script");
    script.src = name;
    if (then) script.onload = then;
    script.onerror = () => { title.textContent = `${name} is missing beside this page, so that it cannot search.`; };
    document.head.append(script);
  }

  window.goldenthread = {
    about(told) {
      about = told;
      rest = told.shards;
      if (!rest) return finish();
      for (let n = 0; n < told.shards; n += 1) load(`entries-${n}.js`);
    },
    add(_, rows) {
      for (const row of rows) if (fits(row)) found.push(row);
      rest -= 1;
      title.textContent = `Searching: ${found.length} so far`;
      if (!rest) finish();
    },
  };

  for (const field of document.getElementById("search-form").elements) {
    if (field.name && given.has(field.name)) field.value = given.get(field.name);
  }
  more.addEventListener("click", showMore);
  document.getElementById("results-csv").addEventListener("click", saveCsv);
  document.getElementById("results-xlsx").addEventListener("click", () => {
    if (window.writeXlsxFile) saveSheet();
    else load(`${root}static/write-excel-file.js`, saveSheet);
  });
  if ([...given.values()].some((value) => value.trim())) load("about.js");
})();
