// A value that is often there goes into the box that was typed in last, behind what stands there already.
const boxes = "#rule .rule-boxes:not(.also) .of-value input";
let last = null;

document.addEventListener("focusin", (event) => event.target.matches?.(boxes) && (last = event.target));
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-often]");
  if (!button) return;
  const box = last?.isConnected ? last : document.querySelector(boxes);
  const there = box.value.trim().replace(/,$/, "");
  const value = button.textContent.trim();
  if (`, ${there}, `.includes(`, ${value}, `)) return;
  box.value = there ? `${there}, ${value}` : value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
});
