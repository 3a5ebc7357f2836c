// The menu of the person who is signed in, and the density they chose.
const root = document.documentElement;

function label(button) {
  button.textContent = root.dataset.density === "compact" ? "Comfortable rows" : "Compact rows";
}

for (const button of document.querySelectorAll("[data-density-toggle]")) {
  label(button);
  button.addEventListener("click", () => {
    root.dataset.density = root.dataset.density === "compact" ? "comfortable" : "compact";
    localStorage.setItem("density", root.dataset.density);
    label(button);
  });
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const opener = event.target.closest("[data-open]");
  if (opener) document.querySelector(opener.dataset.open)?.showModal();
});
