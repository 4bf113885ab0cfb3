"""How the pages here become a site: `make docs` writes it to build/site/."""

project = "microfiche"
html_title = "microfiche"
extensions = ["myst_parser"]
myst_heading_anchors = 3
exclude_patterns = ["examples"]
html_theme = "furo"
html_copy_source = False
html_show_copyright = False
