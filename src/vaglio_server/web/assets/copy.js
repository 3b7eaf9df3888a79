// A button that copies what stands elsewhere; where the browser forbids it, the text is selected instead.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const shown = document.querySelector(button.dataset.copy);
  try {
    await navigator.clipboard.writeText(shown.textContent.trim());
    button.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(shown);
  }
});
