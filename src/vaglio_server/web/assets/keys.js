// The keyboard: Ctrl or ⌘ with K opens what leads to every page, j and k go through the rows of a list.
const palette = () => document.getElementById("palette");

function lines() {
  return [...palette().querySelectorAll("li")].filter((line) => !line.hidden);
}

function narrow() {
  const asked = palette().querySelector("input").value.trim().toLowerCase();
  for (const line of palette().querySelectorAll("li")) line.hidden = !line.dataset.find && !line.textContent.toLowerCase().includes(asked);
  const find = palette().querySelector("[data-find]");
  find.hidden = !asked;
  find.querySelector("b").textContent = asked;
  find.querySelector("a").href = `${find.dataset.find}?q=${encodeURIComponent(asked)}`;
  mark(0);
}

function mark(place) {
  for (const line of palette().querySelectorAll("[data-here]")) line.removeAttribute("data-here");
  lines().forEach((line, at) => line.toggleAttribute("data-here", at === place));
}

function moved(by) {
  const all = lines();
  const at = all.findIndex((line) => line.hasAttribute("data-here"));
  mark(Math.min(all.length - 1, Math.max(0, at + by)));
  all[Math.min(all.length - 1, Math.max(0, at + by))]?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (!palette()) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    palette().showModal();
    palette().querySelector("input").value = "";
    narrow();
  } else if (palette().open) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") moved(event.key === "ArrowDown" ? 1 : -1);
    else if (event.key === "Enter") palette().querySelector("[data-here] a")?.click();
    else return;
    event.preventDefault();
  }
});

document.addEventListener("input", (event) => {
  if (event.target.closest("#palette")) narrow();
});

document.addEventListener("keydown", (event) => {
  const rows = [...document.querySelectorAll("#rows .person a")];
  if (!rows.length || event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
  if (event.target.matches("input:not([type=checkbox]), textarea, select") || palette()?.open) return;
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
});
