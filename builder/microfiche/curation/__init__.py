"""What people do to an archive: start it, add, draft outlets, capture, learn, withdraw.

Each module writes files of the archive, whole or not at all; builds only read them.
"""
