// The keyboard: Ctrl or ⌘ with K opens what leads to every page, j and k go through the rows of a list, x chooses one, b goes to what is
// done with those chosen, u goes back (or undoes what was just done, where that is offered), ? says so.
const palette = () => document.getElementById("palette");
const asking = () => palette().querySelector("input");

function lines() {
  return [...palette().querySelectorAll("li")].filter((line) => !line.hidden);
}

function narrow() {
  const asked = asking().value.trim();
  for (const line of palette().querySelectorAll("li")) {
    if (!line.dataset.find) line.hidden = !line.textContent.toLowerCase().includes(asked.toLowerCase());
    else {
      line.hidden = !asked;
      line.querySelector("b").textContent = asked;
      line.querySelector("a").href = `${line.dataset.find}?q=${encodeURIComponent(asked)}`;
    }
  }
  mark(0);
}

// The cursor stays in the field; which line Enter opens is seen, and said by what reads pages out.
function mark(place) {
  const here = lines()[place];
  for (const [at, line] of palette().querySelectorAll("li").entries()) {
    line.toggleAttribute("data-here", line === here);
    line.firstElementChild.id = `palette-${at}`;
    line.firstElementChild.ariaSelected = line === here;
  }
  asking().setAttribute("aria-activedescendant", here?.firstElementChild.id ?? "");
}

function moved(by) {
  const all = lines();
  const at = Math.min(all.length - 1, Math.max(0, all.findIndex((line) => line.hasAttribute("data-here")) + by));
  mark(at);
  all[at]?.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (!palette()) return;
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    document.getElementById("shortcuts").close();
    if (!palette().open) palette().showModal();
    asking().value = "";
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

// What can be done with the rows chosen, where it is shown.
const deeds = () => [...document.querySelectorAll("main :is(.bulk-bar, .doing, .in-bulk) :is(select, button)")].find((it) => it.checkVisibility());

// What a letter does on this page: a button is pressed, a menu opens at its first field.
// Of a row only where one is at it: a key that is pressed too early does nothing to somebody whom nobody chose.
function keyed(key) {
  const its = /^[a-z]$/.test(key) ? `[data-key="${key}"]` : null;
  return its && (document.activeElement.closest("tr")?.querySelector(its) ?? document.querySelector(`main ${its}:not(tr *)`));
}

function press(it) {
  it.focus();
  if (!it.matches("summary")) return it.click();
  const menu = it.parentElement;
  const field = () => menu.querySelector("select, textarea, input:not([type=hidden])");
  if (!menu.open) it.click();
  if (field()) field().focus();
  else menu.addEventListener("htmx:after:swap", () => field()?.focus(), { once: true }); // what it holds is yet to come
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const rows = [...document.querySelectorAll("main .leads .person a")];
  if (rows.length && (event.key === "j" || event.key === "k")) go(rows, event.key === "j" ? 1 : -1);
  else if (rows.length && event.key === "x") document.activeElement.closest("tr")?.querySelector("input[type=checkbox]")?.click();
  else if (event.key === "b" && deeds()) deeds().focus();
  else if (event.key === "u" && !keyed("u") && document.referrer.startsWith(location.origin)) history.back();
  else if (keyed(event.key)) press(keyed(event.key));
  else if (event.key === "?") document.getElementById("shortcuts")?.showModal();
  else return;
  event.preventDefault();
});

// To the content without a step in the history: u and the browser's own key lead to the page before, not to this one again.
document.addEventListener("click", (event) => {
  if (!event.target.closest(".skip")) return;
  event.preventDefault();
  document.getElementById("main").focus();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-shortcuts]")) document.getElementById("shortcuts").showModal();
});
