// The decision panel: the button says what will happen, and grave verdicts are asked for twice.
const panel = () => document.querySelector("#decide");
const chosen = () => panel()?.querySelector("[name=verdict]:checked");

function describe() {
  const form = panel();
  if (!form) return;
  const verdict = chosen();
  const button = form.querySelector("[data-submit]");
  delete button.dataset.armed;
  button.querySelector("[data-submit-text]").textContent = verdict ? verdict.dataset.deed : button.dataset.idle;
  const reason = form.querySelector("[data-reason-hint]");
  if (reason) reason.textContent = verdict && "needsReason" in verdict.dataset ? "at least one is needed" : "";
  const note = form.querySelector("[data-note-hint]");
  note.dataset.idle ??= note.textContent;
  note.textContent = verdict && "needsNote" in verdict.dataset ? "needed" : note.dataset.idle;
}

document.addEventListener("change", (event) => {
  if (event.target.matches?.("#decide [name=verdict]")) describe();
});

document.addEventListener("review:escape", () => {
  const verdict = chosen();
  if (!verdict) return;
  verdict.checked = false;
  document.activeElement?.blur();
  describe();
});

document.addEventListener("submit", (event) => {
  if (event.target !== panel()) return;
  const verdict = chosen();
  const button = panel().querySelector("[data-submit]");
  if (!verdict) {
    event.preventDefault();
    event.stopImmediatePropagation();
    panel().querySelector("[name=verdict]:not(:disabled)")?.focus();
  } else if ("grave" in verdict.dataset && !("armed" in button.dataset)) {
    event.preventDefault();
    event.stopImmediatePropagation();
    button.dataset.armed = "";
    button.querySelector("[data-submit-text]").textContent = `This cannot be undone. Again: ${verdict.dataset.deed}`;
    button.focus();
  }
}, true);

document.addEventListener("htmx:afterSettle", describe);
describe();
