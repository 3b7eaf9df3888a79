// The keyboard: Ctrl or ⌘ with K opens what leads to every page, j and k go through the rows of a list, x chooses one, u goes back, ? says so.
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

const isTyping = (target) => target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");

function go(rows, by) {
  const at = rows.indexOf(document.activeElement);
  const next = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const rows = [...document.querySelectorAll("#rows .person a")];
  if (rows.length && (event.key === "j" || event.key === "k")) go(rows, event.key === "j" ? 1 : -1);
  else if (rows.length && event.key === "x") document.activeElement.closest("#rows tr")?.querySelector("input[type=checkbox]")?.click();
  else if (event.key === "u" && document.referrer.startsWith(location.origin)) history.back();
  else if (event.key === "?") document.getElementById("shortcuts")?.showModal();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts]")) document.getElementById("shortcuts").showModal();
});
