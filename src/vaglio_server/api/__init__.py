"""What programs talk to: the intake of events, and the API."""
