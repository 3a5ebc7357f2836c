// Relative times stay true while a page is open. The exact instant is in the title throughout.
const UNITS = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

export function say(at, now = Date.now()) {
  const seconds = Math.trunc((now - at) / 1000);
  if (seconds === 0) return "just now";
  const [size, unit] = UNITS.find(([length]) => Math.abs(seconds) >= length);
  const near = `${Math.trunc(Math.abs(seconds) / size)} ${unit}`;
  return seconds > 0 ? `${near} ago` : `in ${near}`;
}

export function refresh(time) {
  const text = time.querySelector("[data-ago]");
  const said = say(Date.parse(time.dateTime));
  if (text && text.textContent !== said) text.textContent = said;
}

setInterval(() => {
  if (!document.hidden) document.querySelectorAll("time").forEach(refresh);
}, 15000);
