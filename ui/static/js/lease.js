// The lease: counted down from what the server said, renewed while somebody is here and at work.
const LOW_S = 60;
const RETRY_S = 15;
let ends = 0;
let whole = 0;
let element = null;
let active = performance.now();
let tried = -Infinity;
let warned = false;

for (const name of ["keydown", "pointerdown", "pointermove", "scroll"]) {
  addEventListener(name, () => { active = performance.now(); }, { passive: true });
}

function adopt() {
  const found = document.querySelector("#lease");
  if (found === element) return;
  element = found;
  if (!element) return;
  whole = Number(element.dataset.leaseS);
  ends = performance.now() + Number(element.dataset.leftS) * 1000;
}

const SPENT = "#decide [type=submit], #decide input[type=radio], #decide input[type=checkbox], [data-spends-claim]";

function shut() {
  for (const control of document.querySelectorAll(SPENT)) control.disabled = true;
}

function lose() {
  const form = document.querySelector("#decide");
  if (!form || form.classList.contains("lost")) return;
  form.classList.add("lost");
  shut();
  if (element) {
    element.dataset.lost = "";
    element.querySelector("[data-clock]").parentElement.textContent = "no longer yours";
  }
}

function message() {
  const place = document.querySelector("#problem");
  if (!place) return;
  const box = Object.assign(document.createElement("div"), { className: "refusal lost" });
  const head = document.createElement("p");
  head.append(Object.assign(document.createElement("strong"), { textContent: "The lease ran out, so this item is no longer yours." }));
  const rest = Object.assign(document.createElement("p"), { textContent: "What you typed is still here; nothing of it was sent. Copy it if you need it, then take the next item." });
  const link = Object.assign(document.createElement("a"), { className: "button", href: location.pathname, textContent: "Go on" });
  box.append(head, rest, link);
  place.replaceChildren(box);
}

function tick() {
  adopt();
  if (!element || "lost" in element.dataset) return;
  const left = Math.max(0, (ends - performance.now()) / 1000);
  const clock = element.querySelector("[data-clock]");
  const words = `${Math.floor(left / 60)}:${String(Math.floor(left % 60)).padStart(2, "0")}`;
  if (clock.textContent !== words) clock.textContent = words;
  if (element.toggleAttribute("data-low", left <= LOW_S) && !warned) {
    document.querySelector("#announce").textContent = "Less than a minute is left of the lease.";
  }
  warned = "low" in element.dataset;
  if (left <= 0) {
    lose();
    return message();
  }
  const now = performance.now();
  const here = !document.hidden && document.hasFocus() && now - active < whole * 1000;
  if (here && left < whole / 2 && now - tried > RETRY_S * 1000) {
    tried = now;
    element.dispatchEvent(new CustomEvent("renew", { bubbles: true }));
  }
}

document.body.addEventListener("claim-lost", lose);
document.body.addEventListener("htmx:afterRequest", () => {
  if (document.querySelector("#decide.lost")) shut(); // htmx has just enabled what it had disabled
});
setInterval(tick, 1000);
