// Who types into what belongs to a choice means that choice.
document.addEventListener("input", (event) => {
  const choice = event.target.dataset?.chooses && document.getElementById(event.target.dataset.chooses);
  if (choice) choice.checked = true;
});
