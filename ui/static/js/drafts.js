// A note that is being typed outlives a lost lease, a reload and a new log-in, in this tab only.
const keyOf = (note) => `note:${note.dataset.draft}`;

function restore() {
  const note = document.querySelector("[data-draft]");
  if (note && !note.value) note.value = sessionStorage.getItem(keyOf(note)) || "";
}

document.addEventListener("input", (event) => {
  const note = event.target;
  if (note.matches?.("[data-draft]")) sessionStorage.setItem(keyOf(note), note.value);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  const note = document.querySelector("[data-draft]");
  if (note && event.detail.xhr.status < 400 && event.detail.target.id === "desk") sessionStorage.removeItem(keyOf(note));
});

document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.path === "/sign-out") sessionStorage.clear();
});

document.addEventListener("htmx:afterSettle", restore);
restore();
