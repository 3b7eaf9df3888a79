// A part of a page that did not come says so, with a button that asks again; what stood there before is never taken for the answer.
import htmx from "htmx.org";

const AGAIN = 422; // what was sent is wrong, and the answer is the form that says where: it is shown
const POLLS_MISSED = 2; // one that is missed is made up for by the next, unnoticed
const why = new WeakMap(); // of a request that failed: lost, late, error, out or old
const WHY = { 401: "out", 403: "old" }; // 403: from before somebody signed in anew, or had another role
const missed = new WeakMap(); // of an element that asks by itself: how often in a row nothing came
const notices = new Map(); // what asked: the sentence that nothing came
const tried = new WeakSet(); // requests made by the button

document.addEventListener("htmx:response:error", ({ detail: { ctx } }) => {
  if (ctx.response.status === AGAIN) return;
  ctx.status = "failed"; // a page of an error is not put where a part of another was asked for
  why.set(ctx, WHY[ctx.response.status] ?? "error");
});

document.addEventListener("htmx:error", ({ detail: { ctx } }) => {
  if (!ctx?.request || ctx.status === "swapped") return;
  why.set(ctx, ctx.request.signal.reason === "timeout" ? "late" : ctx.text === undefined ? "lost" : "error");
});

document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
  const reason = why.get(ctx);
  if (reason) return failed(ctx, reason);
  if (ctx.status !== "swapped") return; // given up for a newer one
  missed.delete(ctx.sourceElement);
  for (const [source, notice] of notices) if (source === ctx.sourceElement || !source.isConnected) notices.delete(source), notice.remove();
  if (tried.has(ctx.sourceEvent) && document.activeElement === document.body) hold(ctx.target.isConnected ? ctx.target : document.getElementById("main"));
});

function failed(ctx, reason) {
  const source = ctx.sourceElement;
  if (!source.isConnected) return;
  const polls = ctx.sourceEvent?.type === "every";
  if (polls) missed.set(source, (missed.get(source) ?? 0) + 1);
  if (polls && missed.get(source) < POLLS_MISSED) return;
  const held = notices.get(source)?.contains(document.activeElement) || document.activeElement === ctx.target;
  if (polls && notices.get(source)?.isConnected && !tried.has(ctx.sourceEvent)) return; // it stands already, and is not read out again every two seconds
  notices.get(source)?.remove();
  const fills = !polls && ctx.target.dataset.failed !== undefined;
  const notice = worded(fills ? ctx.target : source, polls ? "stands" : ctx.request.method === "GET" ? "shown" : "done", reason);
  notice.querySelector("button").addEventListener("click", () => (Object.values(WHY).includes(reason) ? location.reload() : again(ctx, fills)));
  notices.set(source, notice);
  if (fills) ctx.target.replaceChildren(notice);
  else if (polls) source.before(notice);
  else if (source.matches(".menu-in")) source.append(notice); // beside the sheet it would push apart what stands there
  else source.after(notice);
  if (held) notice.querySelector("button").focus();
}

// What could not be shown, then why: the words stand in the page, where they are translated.
function worded(part, kind, reason) {
  const notice = document.getElementById("failed").content.firstElementChild.cloneNode(true);
  for (const words of notice.querySelectorAll("[data-kind]")) if (!words.dataset.kind.split(" ").includes(kind)) words.remove();
  for (const words of notice.querySelectorAll("[data-why]")) if (!words.dataset.why.split(" ").includes(reason)) words.remove();
  if (part.dataset.failed && kind !== "stands") notice.querySelector("[data-kind]").textContent = part.dataset.failed;
  return notice;
}

function again(ctx, fills) {
  const event = ctx.sourceEvent;
  tried.add(event);
  if (fills) hold(ctx.target);
  htmx.ajax(ctx.request.method, ctx.request.action, { source: ctx.sourceElement, target: ctx.target, event });
}

function hold(element) {
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
}
