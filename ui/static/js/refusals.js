// Refusals: shown where the server says; what is no answer of ours becomes a plain sentence.
const FIELDS = { note: "#note", arguments: "#arguments" };

function plain(words) {
  const place = document.querySelector("#problem");
  if (!place) return;
  const box = Object.assign(document.createElement("div"), { className: "refusal lost" });
  const line = document.createElement("p");
  line.append(Object.assign(document.createElement("strong"), { textContent: words }));
  box.append(line, Object.assign(document.createElement("p"), { textContent: "Nothing you typed is lost. Try again in a moment." }));
  place.replaceChildren(box);
}

function clear() {
  for (const error of document.querySelectorAll(".field-error")) error.replaceChildren();
  for (const field of document.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  document.querySelector("#decide #problem")?.replaceChildren();
}

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "decide") clear();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400 && !event.detail.xhr.getResponseHeader("HX-Retarget")) {
    event.detail.shouldSwap = false;
    plain("The service did not answer as it should.");
  }
});

document.addEventListener("htmx:sendError", () => plain("The service cannot be reached."));
document.addEventListener("htmx:timeout", () => plain("The service takes too long to answer."));

document.addEventListener("htmx:afterSettle", () => {
  for (const [name, selector] of Object.entries(FIELDS)) {
    const field = document.querySelector(selector);
    const wrong = document.querySelector(`#error-${name}`)?.childElementCount > 0;
    if (field && wrong) {
      field.setAttribute("aria-invalid", "true");
      field.focus();
    }
  }
});
