// What pages do beyond HTML: fragments by htmx, the theme, and the "/" key.
import htmx from "htmx.org";
import "./failed.js";
import "./copy.js";
import "./focus.js";
import "./keys.js";
import "./quality.js";
import "./duplicates.js";
import "./inbox.js";
import "./menus.js";
import "./convert.js";
import "./often.js";
import "./unsaved.js";
import "./typed.js";

htmx.config.morphIgnore.push("open"); // what somebody opened stays open when its part of the page comes anew

const root = document.documentElement;

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme-switch]")) {
    root.dataset.bsTheme = root.dataset.bsTheme === "dark" ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.bsTheme);
    document.dispatchEvent(new Event("vaglio:theme"));
  }
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !/input|textarea|select/i.test(event.target.tagName)) {
    event.preventDefault();
    document.querySelector("[data-shortcut='/']")?.focus();
  }
});

// A link into something that is closed opens it first.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-open]");
  if (link) document.getElementById(link.dataset.open).open = true;
});

// What makes something is sent once, however often it is clicked; who comes back to the page may send it again.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || !event.target.matches("[data-once]")) return;
  if (event.target.dataset.sent) event.preventDefault();
  event.target.dataset.sent = "1";
});
addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));

// A file may be dropped on the form that takes it.
for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const form = event.target.closest?.("[data-drop]");
    if (!form) return;
    event.preventDefault();
    form.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      form.querySelector("input[type=file]").files = event.dataTransfer.files;
      form.requestSubmit();
    }
  });
}

// The address follows the filters, so that a view can be kept and sent.
document.addEventListener("input", (event) => {
  const form = event.target.closest("form.filters");
  if (!form) return;
  const chosen = new URLSearchParams([...new FormData(form)].filter(([, value]) => value !== ""));
  for (const held of document.querySelectorAll("[data-follows]")) held.value = chosen.toString();
  history.replaceState(null, "", `${form.getAttribute("action")}${chosen.size ? `?${chosen}` : ""}`);
});

// Leads that are chosen, for what is done with many at once.
function tellChosen(all) {
  const boxes = [...document.querySelectorAll("#rows input[name=lead]")];
  if (all) for (const box of boxes) box.checked = all.checked;
  const shown = document.querySelector("[data-leads-chosen]");
  const every = document.querySelector("[data-leads-every]");
  const count = document.querySelector("#rows .count span:not(:has(span))")?.textContent.trim(); // how many the list has, once that is counted
  if (shown) shown.textContent = every?.checked ? count || every.dataset.leadsEvery : boxes.filter((box) => box.checked).length;
}
document.addEventListener("change", (event) => tellChosen(event.target.closest("[data-leads-all]")));
tellChosen(); // those that stayed ticked
