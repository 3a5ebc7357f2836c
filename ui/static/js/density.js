// Before the first paint: the chosen density, so that nothing moves afterwards.
document.documentElement.dataset.density = localStorage.getItem("density") || "comfortable";
