"""The only reader of numbers: question → plan → rewrites → SQL → answer. Row policy is a rewrite nobody can skip."""
