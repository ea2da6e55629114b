"""Instructions per event, counted by callgrind and held against committed budgets."""
