// Changes that nobody saved are not lost by a click elsewhere: the browser asks first.
let isChanged = document.querySelector("[data-unsaved=now]") !== null;
const unsaved = (it) => it.closest?.("[data-unsaved]");

document.addEventListener("input", (event) => unsaved(event.target) && (isChanged = true));
document.addEventListener("htmx:after:swap", () => document.querySelector("[data-unsaved]") && (isChanged = true)); // a question was added, moved, taken out
document.addEventListener("submit", (event) => unsaved(event.target) && (isChanged = false));
addEventListener("beforeunload", (event) => {
  if (isChanged && document.querySelector("[data-unsaved]")) event.preventDefault();
});
