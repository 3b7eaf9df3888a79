// Where the keyboard is: it never gets lost when a fragment is swapped, a menu closes, or one comes back to a list.
const CAN_HOLD = "a[href], button:not([disabled]), summary, input:not([type=hidden]), select, textarea";
let held = null; // what had the focus before a swap, and where it stood

function closeMenus(except) {
  for (const open of document.querySelectorAll("details.menu[open]")) if (open !== except) open.open = false;
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open]");
  closeMenus();
  menu?.querySelector("summary").focus();
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener("htmx:before:swap", () => {
  const element = document.activeElement;
  if (element === document.body) return;
  const line = element.closest("tr, li");
  held = { element, then: (element.dataset.then ?? "").split(" ").filter(Boolean), list: line?.parentElement, before: line?.previousElementSibling };
});

// What was swapped away gives the focus to what its button names, else to the first thing that came in its place.
document.addEventListener("htmx:after:swap", () => {
  if (!held || (held.element.isConnected && !held.then.length)) return;
  const { then, list, before } = held;
  held = null;
  const named = then.map((id) => document.getElementById(id)).find((it) => it && !it.disabled);
  if (named) return named.focus();
  if (document.activeElement !== document.body) return;
  const came = before?.isConnected ? before.nextElementSibling : list?.firstElementChild;
  (came?.querySelector(".person a") ?? came?.querySelector(CAN_HOLD))?.focus();
});

// What was just done is said at the top of the page, and read out; the next Tab goes on from there.
document.querySelector("[data-said]")?.focus({ preventScroll: true });

// Back on a list, one is where one left it.
document.addEventListener("click", (event) => {
  const link = event.target.closest("#rows .person a");
  if (link) sessionStorage.setItem(`row ${location.pathname}`, link.getAttribute("href"));
});
addEventListener("pageshow", (event) => {
  const came = event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const row = sessionStorage.getItem(`row ${location.pathname}`);
  if (came && row) document.querySelector(`#rows .person a[href="${CSS.escape(row)}"]`)?.focus();
});
