// Pairs are gone through with the keyboard: j and k move, m merges, n says not the same, x chooses.
const KEYS = { m: "[data-merge]", n: "[data-different]", x: "input[type=checkbox]" };

function pairs() {
  return [...document.querySelectorAll("[data-pair]")];
}

function here() {
  return document.activeElement?.closest("[data-pair]");
}

function move(by) {
  const all = pairs();
  const at = all.indexOf(here());
  const next = all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

let decided = -1; // the place of the pair that was decided on last

document.addEventListener("keydown", (event) => {
  const typing = event.target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
  if (typing || event.ctrlKey || event.metaKey || event.altKey || !pairs().length) return;
  if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (KEYS[event.key]) here()?.querySelector(KEYS[event.key])?.click();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const pair = event.target.closest("[data-pair]");
  if (pair && event.target.closest("[data-merge], [data-different]")) decided = pairs().indexOf(pair);
});

// What was decided takes the place of its pair, and the reader's place in the list is kept.
document.addEventListener("htmx:after:swap", () => {
  if (document.activeElement === document.body && decided >= 0) pairs()[decided]?.focus();
});

document.addEventListener("change", () => {
  const place = document.querySelector(".in-bulk [data-chosen-count]");
  if (!place) return;
  const chosen = document.querySelectorAll("input[name=pair]:checked").length;
  place.textContent = chosen;
});
