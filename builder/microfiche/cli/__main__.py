"""`python -m microfiche.cli`."""

from microfiche.cli import main

main()
