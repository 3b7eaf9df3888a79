// A menu of a row takes what it holds from the page when it is opened: a long list carries each form once.
// One row has it at a time, so that what names an element names one.
document.addEventListener("click", (event) => {
  const menu = event.target.closest("details[data-holds] > summary")?.parentElement;
  if (!menu || menu.open) return;
  document.querySelector("details[data-holds] > form")?.remove();
  const form = document.getElementById(menu.dataset.holds).content.firstElementChild.cloneNode(true);
  form.action = menu.dataset.to;
  if (menu.dataset.whom) form.querySelector("[data-whom]").textContent = menu.dataset.whom;
  for (const [name, value] of Object.entries(JSON.parse(menu.dataset.values ?? "{}"))) form.elements[name].value = value;
  menu.append(form);
});

// A next step without a day is none: the browser asks for the day, and what was typed stays.
document.addEventListener("input", ({ target }) => {
  const day = target.form?.elements.next_step_at;
  if (day) day.required = target.form.elements.next_step.value.trim() !== "";
});

// A reason that says nothing by itself needs words: the browser asks for them, and what was chosen stays.
document.addEventListener("change", ({ target }) => {
  if (target.dataset.needsWords) target.form.elements.note.required = target.value === target.dataset.needsWords;
});
