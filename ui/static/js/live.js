// Counts as they change, written in place; lists only learn that there is something new.
import { refresh } from "./times.js";

const state = document.querySelector("#connection");
const text = state?.querySelector("[data-connection-text]");
let source = null;
let first = true;

function tell(name, words) {
  if (!state || state.dataset.state === name) return;
  state.dataset.state = name;
  state.title = words;
  text.textContent = words;
}

function write(counts) {
  for (const element of document.querySelectorAll("[data-live]")) {
    const [queue, name] = element.dataset.live.split(".");
    const value = name === undefined ? counts[queue] : counts.queues[queue]?.[name];
    if (value !== undefined && element.textContent !== String(value)) element.textContent = value;
  }
  for (const element of document.querySelectorAll("[data-live-time]")) {
    const [queue, name] = element.dataset.liveTime.split(".");
    const value = counts.queues[queue]?.[name];
    const time = element.querySelector("time");
    if (value && time && time.dateTime !== value) {
      time.dateTime = value;
      time.title = `${value.slice(0, 19).replace("T", " ")} UTC`;
      time.querySelector(".sr").textContent = ` (${time.title})`;
      refresh(time);
    }
  }
}

function open() {
  if (source || !state || document.hidden) return;
  source = new EventSource(document.body.dataset.liveUrl);
  source.addEventListener("open", () => tell("live", "Live"));
  source.addEventListener("counts", (event) => {
    tell("live", "Live");
    write(JSON.parse(event.data));
    if (!first) document.body.dispatchEvent(new CustomEvent("live-changed"));
    first = false;
  });
  source.addEventListener("signed-out", () => {
    source.close();
    tell("away", "Signed out");
  });
  source.addEventListener("error", () => tell("away", source.readyState === EventSource.CLOSED ? "Not live" : "Reconnecting"));
}

function close() {
  source?.close();
  source = null;
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
addEventListener("pageshow", open);
open();
