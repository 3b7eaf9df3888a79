// What a form does beyond HTML: one click sends once; inside of another site, it says how high it is and where to go on.
const form = document.querySelector("form");
const send = form?.querySelector("button");

form?.addEventListener("submit", (event) => {
  if (send.getAttribute("aria-disabled") === "true") event.preventDefault();
  send.setAttribute("aria-disabled", "true");
});
addEventListener("pageshow", () => send?.removeAttribute("aria-disabled"));
document.querySelector("[aria-invalid=true]")?.focus();

// Back to what was typed: only the browser has it.
document.querySelector("[data-back]")?.addEventListener("click", (event) => {
  if (history.length < 2) return;
  event.preventDefault();
  history.back();
});

if (window.parent !== window) {
  const tell = (what) => parent.postMessage(what, "*"); // heights and addresses of public pages: nothing secret
  const size = () => tell({ vaglio: "size", height: document.body.getBoundingClientRect().height });
  new ResizeObserver(size).observe(document.body);
  addEventListener("message", (event) => {
    if (event.source !== parent || event.data?.vaglio !== "visitor") return;
    const field = form?.elements.anonymous_id;
    if (field) field.value = String(event.data.id ?? "").slice(0, 100);
  });
  tell({ vaglio: "ready" });
  if (document.body.dataset.top) tell({ vaglio: "top" });
  const go = document.querySelector("[data-go]");
  if (go) tell({ vaglio: "go", to: go.href });
}
