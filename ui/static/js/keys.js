// Keys: whatever carries data-key is pressed by it; what is on the page is what the list shows.
// Off while somebody types, and never a key the browser or a screen reader wants.
const TYPING = "textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])";
const PRESSED = "a, button, summary, textarea, select";
let first = "";
let timer = 0;

const shown = (element) => element.checkVisibility({ visibilityProperty: true });
const bound = () => [...document.querySelectorAll("[data-key]")].filter((one) => shown(one) || shown(one.closest("label") || one));

function press(element) {
  if (element.matches("textarea")) return element.focus();
  if (element.matches("a")) return element.click();
  if (element.matches("input")) element.focus();
  element.click();
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter(shown);
  if (!rows.length) return;
  const at = rows.findIndex((row) => row === document.activeElement);
  const next = rows[Math.min(rows.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: next.matches("section") ? "start" : "nearest" });
}

function list() {
  const dialog = document.querySelector("#keys");
  const lines = bound().map((one) => [one.dataset.key, one.dataset.keyLabel || one.textContent.trim()]);
  if (document.querySelector("[data-row]")) lines.push(["j", "Next"], ["k", "Previous"]);
  if (document.querySelector("#decide")) lines.push(["⏎", "Send the decision"], ["Ctrl ⏎", "Send it while typing"]);
  const body = dialog.querySelector("dl");
  body.replaceChildren(
    ...lines.flatMap(([key, label]) => {
      const term = document.createElement("dt");
      term.append(...key.split(" ").map((part) => Object.assign(document.createElement("kbd"), { textContent: part })));
      return [term, Object.assign(document.createElement("dd"), { textContent: label })];
    }),
  );
  dialog.showModal();
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.altKey) return;
  const target = event.target instanceof Element ? event.target : document.body;
  const form = document.querySelector("#decide");
  if (event.key === "Enter" && form && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    return form.requestSubmit();
  }
  if (event.ctrlKey || event.metaKey) return;
  if (event.key === "Escape") {
    if (target.matches(TYPING)) return target.blur();
    for (const menu of document.querySelectorAll("details.menu[open]")) menu.open = false;
    return void document.dispatchEvent(new CustomEvent("review:escape"));
  }
  if (target.matches(TYPING) || document.querySelector("dialog[open]")) return;
  if (event.key === "Enter") {
    if (!form || target.matches(PRESSED)) return;
    event.preventDefault();
    return form.requestSubmit();
  }
  if (event.key.length !== 1 || event.key === " ") return;
  const key = first ? `${first} ${event.key}` : event.key;
  const found = bound().find((one) => one.dataset.key === key);
  clearTimeout(timer);
  first = "";
  if (key === "?") list();
  else if (found) press(found);
  else if (bound().some((one) => one.dataset.key.startsWith(`${key} `))) {
    first = key;
    timer = setTimeout(() => { first = ""; }, 1200);
  } else if (key === "j") step(1);
  else if (key === "k") step(-1);
  else return;
  event.preventDefault();
});
