// The inbox asks for itself; not while somebody says why they hand a lead back, or what they typed would be gone.
document.addEventListener("htmx:before:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  if (source?.id === "live" && source.querySelector("details[open]")) event.preventDefault();
});
