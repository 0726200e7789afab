// Shows only the councils that the address names; the page holds all of them.
"use strict";
(() => {
  const chosen = new URLSearchParams(location.search).getAll("council");
  if (!chosen.length) return;
  const form = document.getElementById("compare-form");
  for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = chosen.includes(box.value);
  const message = document.getElementById("compare-message");
  const known = new Set(chosen.filter((slug) => document.getElementById(`pick-${slug}`)));
  if (known.size < 2 || known.size > 6) {
    message.textContent = "Choose at least two and at most six councils. Until then all are shown.";
    return;
  }
  message.textContent = `${known.size} councils are compared. This address can be kept.`;
  for (const cell of document.querySelectorAll("[data-council]")) cell.hidden = !known.has(cell.dataset.council);
})();
