// "All" chooses every row of its form, and what can be done with them says with how many.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-choose]");
  if (!form || event.target.type !== "checkbox") return;
  const rows = [...form.querySelectorAll("input:is([name=chosen], [name=lead])")];
  const all = form.querySelector("[data-choose-all]");
  if (event.target === all) for (const row of rows) row.checked = all.checked;
  const count = rows.filter((row) => row.checked).length;
  if (all) [all.checked, all.indeterminate] = [count === rows.length, count > 0 && count < rows.length];
  form.querySelector("[data-chosen-count]").textContent = count || "";
});
