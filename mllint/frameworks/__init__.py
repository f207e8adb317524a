"""What calls of the frameworks mean. Knows no syntax tree."""
