"""Forms that visitors fill in, on a page of their own or inside of another site; what they send is taken like events."""
