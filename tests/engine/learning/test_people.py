"""Fields that tell who somebody is are refused by their names, in three languages; those of companies and things are not."""

import pytest

from vaglio.learning.people import refused

PERSONAL = {
    "a name": "name lead_name customer_name contact_first_name person_last_name full_name_it firstname cognome nume_complet",
    "a gender": "gender gender_code sesso salutation honorific pronouns mr_mrs",
    "an age": "age age_group age_years customer_age user_age years_old birth_year date_of_birth data_di_nascita",
    "a nationality, an origin or a faith": "nationality place_of_birth native_language luogo_di_nascita religion",
    "most likely an origin": "language preferred_language postal_code zip_code",
    "an address of one person": "email email_address work_email_address mobile_number phone_number telefono_cellulare ip_address street",
    "health or family": "marital_status children",
}
OTHERS = (
    "title job_title company_name product_name owner_name brand_name email_domain do_not_email has_phone account_age company_age stage "
    "average page_views programming_language webinar_language contacted_via country city company_postal_code generation"
)


@pytest.mark.parametrize(("name", "tells"), [(name, tells) for tells, names in PERSONAL.items() for name in names.split()])
def test_it_refuses_what_tells_who_somebody_is(name: str, tells: str) -> None:
    assert refused([name]) == {name: tells}
    assert refused([name], [name]) == {} == refused([f"account.{name}"])


@pytest.mark.parametrize("name", OTHERS.split())
def test_it_lets_through_what_is_of_companies_and_things(name: str) -> None:
    assert refused([name]) == {}
