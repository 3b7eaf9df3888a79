// What was typed and not sent is there again when its form comes anew: after another deed on the page, a refusal, signing in again, a click elsewhere.
// It lies in this tab alone, for whoever typed it, until it is sent or thrown away, or somebody signs out.
const OURS = "typed ";
const BOXES = "textarea, select, input:not([type=hidden], [type=file], [type=password], [type=checkbox], [type=radio])";
const user = document.body.dataset.user;
const given = new WeakMap(); // of a box: what it held when it came

const keyOf = (form, { pathname, search } = new URL(form.getAttribute("action") ?? "", location.href)) => `${OURS}${user} ${pathname}${search}`;
const boxesOf = (form) => [...form.querySelectorAll(BOXES)].filter((box) => box.name);
const keys = () => Object.keys(sessionStorage).filter((key) => key.startsWith(OURS));

function held(key) {
  return JSON.parse(sessionStorage.getItem(key) ?? '{"boxes":{}}');
}

function hold(key, entry) {
  if (!Object.keys(entry.boxes).length) return sessionStorage.removeItem(key);
  try {
    sessionStorage.setItem(key, JSON.stringify(entry));
  } catch {
    sessionStorage.removeItem(key); // more than a browser keeps: as if nothing were
  }
}

// What somebody sent is no more to be kept, unless the page that answers says that it was not done, or none came and they went back.
function settle(isBack) {
  const status = performance.getEntriesByType("navigation")[0]?.responseStatus ?? 200;
  const isUndone = !user || isBack || status >= 400 || document.querySelector("main > .alert-danger[role=status]");
  for (const key of keys()) {
    const entry = held(key);
    if (entry.sent) hold(key, isUndone ? { boxes: entry.boxes } : { boxes: {} });
  }
}

function showAgain(within) {
  for (const form of within.querySelectorAll("form[data-keep]")) {
    const { boxes } = held(keyOf(form));
    const put = boxesOf(form).filter((box) => fill(box, boxes[box.name]));
    if (put.length) tell(form);
    for (const box of put) box.dispatchEvent(new Event(box.matches("select") ? "change" : "input", { bubbles: true }));
  }
}

function fill(box, typed) {
  if (given.has(box)) return false; // it stands as somebody left it
  given.set(box, typed?.is === box.value ? typed.was : box.value); // what was sent and refused comes back as it was typed
  if (!typed || typed.was !== box.value || typed.is === box.value) return false; // changed by somebody else since: theirs stays
  box.value = typed.is;
  if (box.value !== typed.is) box.value = typed.was; // a choice that is no more offered
  return box.value === typed.is;
}

function tell(form) {
  const notice = document.getElementById("typed").content.firstElementChild.cloneNode(true);
  form.querySelector("[data-typed]")?.remove();
  form.prepend(notice);
  mark(form, notice.querySelector("span").textContent);
}

function mark(form, words) {
  const summary = form.closest("details")?.querySelector("summary");
  summary?.toggleAttribute("data-waits", Boolean(words));
  if (summary) summary.ariaDescription = words;
}

function throwAway(form) {
  for (const box of boxesOf(form)) {
    box.value = given.get(box) ?? box.value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  forget(form);
}

function forget(form) {
  sessionStorage.removeItem(keyOf(form));
  form.querySelector("[data-typed]")?.remove();
  mark(form, null);
}

document.addEventListener("input", ({ target: box }) => {
  const form = box.closest?.("form[data-keep]");
  if (!form || !box.name || !box.matches(BOXES)) return;
  const entry = held(keyOf(form));
  const was = given.get(box) ?? entry.boxes[box.name]?.was ?? box.defaultValue ?? "";
  if (box.value === was) delete entry.boxes[box.name];
  else entry.boxes[box.name] = { was, is: box.value };
  hold(keyOf(form), { boxes: entry.boxes });
});

document.addEventListener("submit", ({ target: form }) => {
  if (form.matches("[data-forgets]")) for (const key of keys()) sessionStorage.removeItem(key);
  if (form.matches("[data-keep]:not([hx-post])")) hold(keyOf(form), { ...held(keyOf(form)), sent: true });
});

document.addEventListener("htmx:before:response", ({ detail: { ctx } }) => {
  const isDone = ctx.response.status < 400 && !ctx.hx.retarget; // a refusal is shown elsewhere, and the form stays
  if (isDone && ctx.sourceElement.matches("form[data-keep]")) forget(ctx.sourceElement);
});

document.addEventListener("click", ({ target }) => {
  const form = target.closest("[data-typed] button")?.form;
  if (form) throwAway(form);
});

document.addEventListener("htmx:after:swap", () => showAgain(document));
document.addEventListener("toggle", ({ target }) => target.open && showAgain(target), true); // menus of rows are made when they are opened
addEventListener("pageshow", ({ persisted }) => persisted && settle(true)); // a page as it was left: nothing else runs again
settle(performance.getEntriesByType("navigation")[0]?.type === "back_forward");
showAgain(document);
