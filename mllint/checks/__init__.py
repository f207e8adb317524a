"""The rules: one module or package a family, named like its folder in the rule book."""
