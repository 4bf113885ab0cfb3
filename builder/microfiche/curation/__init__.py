"""What people do to an archive: starting one, adding, capturing, learning, withdrawing.

Each module writes files of the archive, whole or not at all; builds only read them.
"""
