"""The pages to look at: one self-contained file, for a reader who opens it in ten years.

Owns how a release is shown to people: what is counted for it (`survey`), what is missing
(`coverage`), articles with their captures and revisions (`articles`), drawings (`charts`), findings
of an archive by cause (`causes`) and the page itself (`page`, with its templates, style and script
in `look/`). All it shows of a release comes from the tables, as they are published.
"""
