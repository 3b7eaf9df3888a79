// The inbox asks for itself; not while somebody says why they hand a lead back, or what they typed would be gone.
document.addEventListener("htmx:before:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  if (source?.id === "live" && source.querySelector("details[open]")) event.preventDefault();
});

// Where the browser was asked to, it tells of leads that are new since the page came or was last morphed.
const WANTED = "tell-of-leads";
const waiting = () => new Set([...document.querySelectorAll("#live section.inbox tr[id^=waits-]")].map((each) => each.id));
let seen = waiting();

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-notify]");
  if (!button) return;
  const is = "Notification" in window && (await Notification.requestPermission()) === "granted";
  if (is) localStorage.setItem(WANTED, "1");
  document.querySelector("[data-notify-said]").textContent = is ? button.dataset.on : button.dataset.off;
});

document.addEventListener("htmx:after:swap", () => {
  const now = waiting();
  const news = [...now].filter((id) => !seen.has(id));
  seen = now;
  if (!news.length || !localStorage.getItem(WANTED) || !("Notification" in window) || Notification.permission !== "granted") return;
  const title = document.querySelector("[data-notify]")?.dataset.title;
  const names = news.map((id) => document.querySelector(`#${id} .person a`)?.textContent ?? "").join(", ");
  if (title) new Notification(title, { body: names, tag: "vaglio-inbox" });
});
