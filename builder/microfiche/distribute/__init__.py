"""Ways of a release out of its archive.

`wheel` packs it for pip, `export` writes its tables for other programs, `hub` reads it from the
Hugging Face Hub. None changes a release, and each asks first whether it may leave.
"""
