"""Outside systems: those that are told what happens to leads, by signed webhooks."""
