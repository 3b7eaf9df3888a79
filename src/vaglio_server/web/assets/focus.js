// Where the keyboard is: it never gets lost when a fragment is swapped, a row goes, a menu closes, a page comes again, or one comes back to a list.
const CAN_HOLD = "a[href], button:not([disabled]), summary, input:not([type=hidden]), select, textarea";
const WRONG = "[aria-invalid=true], :is(.part, li):has(> .field-fault) :is(input, textarea, select)"; // a field with what is wrong about it
const CLOSES = "details:is(.menu, .sure, .edit)[open]"; // what Escape closes: menus, and what asks once more before it is done
const PROMPT_MS = 60_000; // a page that comes later than that was not asked for by what had the focus
let held = null; // what had the focus before a swap, and where it stood

function closeMenus(except) {
  for (const open of document.querySelectorAll("details.menu[open]")) if (open !== except) open.open = false;
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.menu")));

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open], :popover-open")) return;
  const open = document.activeElement?.closest(CLOSES);
  closeMenus();
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

document.addEventListener("focusout", (event) => {
  const menu = event.target.closest("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

const leadsTo = (it) => it.getAttribute("href") ?? it.getAttribute("formaction") ?? it.form?.getAttribute("action") ?? "";
const valueOf = (it) => (/^(submit|radio|checkbox)$/.test(it.type) ? it.value : "");

// What an element is known by, also once it was made anew: itself, else what opened its menu, else the part of the page it was in.
function known(it) {
  const self = { id: it.id, tag: it.tagName, to: leadsTo(it), name: it.name ?? "", value: valueOf(it), text: it.textContent.trim() };
  const menu = it.closest("details.menu")?.querySelector("summary");
  return { alike: self, menu: menu && { id: menu.id, text: menu.textContent.trim() }, part: it.closest("[id]:not(main)")?.id };
}

function alike({ id, tag, to, name, value, text }) {
  if (id) return document.getElementById(id);
  const all = [...document.querySelectorAll(tag)].filter((it) => leadsTo(it) === to && (it.name ?? "") === name && valueOf(it) === value);
  return all.find((it) => it.textContent.trim() === text) ?? (to && tag === "A" ? all[0] : null);
}

// What opens a menu: its words may have changed, where it has a name of its own.
function opener({ id, text }) {
  return id ? document.getElementById(id) : [...document.querySelectorAll("details.menu > summary")].find((it) => it.textContent.trim() === text);
}

function anew(was) {
  const same = alike(was.alike);
  if (same?.checkVisibility()) return same;
  if (was.menu) return opener(was.menu);
  return was.part ? first(document.getElementById(was.part)) : null;
}

const first = (part) => (part?.matches(CAN_HOLD) ? part : (part?.querySelector(CAN_HOLD) ?? part));

// Gives the focus to something, also to a part of the page that cannot be reached by Tab.
function give(it) {
  if (!it || it.disabled) return false;
  if (!it.matches(CAN_HOLD) && !it.hasAttribute("tabindex")) it.tabIndex = -1;
  it.focus();
  return true;
}

document.addEventListener("htmx:before:swap", ({ detail: { ctx } }) => {
  const element = document.activeElement;
  held = null;
  if (element === document.body) return;
  const line = element.closest("tr, li");
  // Who asked is told apart now: once it is swapped away, htmx names what came in its place.
  const isAsker = ctx.sourceElement === element || ctx.sourceElement.matches("form") && ctx.sourceElement.contains(element);
  held = { element, isAsker, known: known(element), list: line?.parentElement, before: line?.previousElementSibling };
});

// What was swapped away gives the focus to what its button names, else to what is wrong, to the same as before, or to what came in its place.
document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
  if (!held) return;
  const { element, isAsker, list, before } = held;
  if (element.isConnected && !(isAsker && (element.dataset.then || element.dataset.thenIn))) return;
  const was = held.known;
  held = null;
  const named = (element.dataset.then ?? "").split(" ").map((id) => id && document.getElementById(id));
  const came = document.getElementById(element.dataset.thenIn)?.lastElementChild;
  if (isAsker && named.concat(first(came)).some(give)) return;
  if (document.activeElement !== document.body) return;
  if (ctx.request.method === "POST" && give(document.querySelector(WRONG))) return;
  if (!isAsker && keepTyped(element, alike(was.alike))) return;
  const next = before?.isConnected ? before.nextElementSibling : list?.isConnected && list.firstElementChild;
  if (next && isAsker) give(next.querySelector(".person a") ?? first(next));
  else give(anew(was));
});

// What was typed while the answer was on its way stands in the field that takes the place of its own.
function keepTyped(old, same) {
  const isTyped = old.matches("input:not([type=file]), textarea") && old.value !== old.defaultValue && same?.type === old.type;
  if (isTyped) same.value = old.value;
  return isTyped && give(same);
}

// A row that is taken out gives the focus to the one after it, else to the one before, else to what adds one.
document.addEventListener("click", (event) => {
  const row = event.target.closest("[data-remove-row]")?.closest("[data-row]");
  if (!row) return;
  const beside = row.nextElementSibling ?? row.previousElementSibling ?? row.parentElement.nextElementSibling;
  row.remove();
  give(beside?.querySelector("[data-remove-row]") ?? first(beside));
});

// A page that a button was pressed on and that comes again, or that loads itself again, goes on where one was.
function remember() {
  const it = document.activeElement;
  if (it?.matches(":focus-visible")) sessionStorage.setItem("held", JSON.stringify({ path: location.pathname, at: Date.now(), known: known(it) }));
}
document.addEventListener("submit", (event) => event.submitter === document.activeElement && remember());
document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => ctx.sourceEvent?.type === "submit" && sessionStorage.removeItem("held")); // no page comes of it
document.addEventListener("htmx:after:request", ({ detail: { ctx } }) => ctx.hx.refresh && remember());

function goOn() {
  const was = JSON.parse(sessionStorage.getItem("held"));
  sessionStorage.removeItem("held");
  const said = document.querySelector("[data-said]"); // what was just done is said at the top, and read out; the next Tab goes on from there
  if (said) return said.focus({ preventScroll: true });
  if (give(document.querySelector(WRONG)) || location.hash || document.querySelector("main [autofocus]")) return;
  if (was?.path === location.pathname && Date.now() - was.at < PROMPT_MS) give(anew(was.known));
}
goOn();

// Back on a list, one is where one left it.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".leads .person a");
  if (link) sessionStorage.setItem(`row ${location.pathname}`, link.getAttribute("href"));
});
addEventListener("pageshow", (event) => {
  const came = event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward";
  const row = sessionStorage.getItem(`row ${location.pathname}`);
  if (came && row) document.querySelector(`.leads .person a[href="${CSS.escape(row)}"]`)?.focus();
});
