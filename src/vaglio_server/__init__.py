"""The application (Django): records, intake, identity, live scores, API."""
