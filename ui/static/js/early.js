// A form that htmx sends is never sent by the browser. Whoever is quicker than the page has their
// decision sent as soon as htmx is ready, instead of leaving the page with it.
let ready = document.readyState === "complete";
document.addEventListener("DOMContentLoaded", () => { ready = true; });

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[hx-post]")) return;
  event.preventDefault();
  if (!ready) document.addEventListener("DOMContentLoaded", () => form.requestSubmit(), { once: true });
}, true);
