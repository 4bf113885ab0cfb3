"""The pages to look at: one self-contained file, for a reader who opens it in ten years.

Owns how a release is shown to people: what is counted for it (`survey`), articles with their
captures and revisions (`articles`), drawings (`charts`) and the page itself (`page`, with its
template, style and script beside it). All it shows comes from the tables, as they are published.
"""
