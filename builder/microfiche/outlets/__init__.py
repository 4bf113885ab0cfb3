"""Who publishes where: outlet files, look-up by host and by text, origins, the registry.

`outlet` is one outlet as its file has it, `checking` says what is wrong with a file, `lookup` finds
whose a host or a text is, `origin` where a capture comes from, `rows` lays outlets out as rows.
"""
