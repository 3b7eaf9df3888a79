// Who types into what belongs to a choice means that choice.
document.addEventListener("input", (event) => {
  const choice = event.target.dataset?.chooses && document.getElementById(event.target.dataset.chooses);
  if (choice) choice.checked = true;
  follow(event.target.form);
});

// A new company needs a name, unless a sale that is there has its company.
function needName(form) {
  const { account, account_name: name, opportunity } = form.elements;
  const isNew = form.querySelector("#account-new").checked;
  name.required = isNew && (account.value === "another" || !/^\d+$/.test(opportunity.value));
}

// What a new opportunity is called follows the company, until somebody calls it something else.
const proposed = (form) => {
  const chosen = form.querySelector("[name=account]:checked");
  const name = chosen?.id === "account-new" ? form.elements.account_name.value : chosen?.parentElement.querySelector(".name").textContent;
  const company = (name ?? "").trim();
  const person = form.dataset.person;
  return company && person && company !== person ? `${company}, ${person}` : company || person;
};
const last = new WeakMap();
function follow(form) {
  if (!form?.matches(".convert")) return;
  const sale = form.elements.name;
  if (last.has(form) && sale.value === last.get(form)) sale.value = proposed(form);
  last.set(form, proposed(form));
  needName(form);
}
for (const form of document.querySelectorAll("form.convert")) follow(form);
