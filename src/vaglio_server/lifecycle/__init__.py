"""What a rating leads to: stages, whose a lead is, the promised first response, what sales makes of it."""
