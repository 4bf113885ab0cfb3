"""Load the example release the way its users do, and print some rows.

python docs/examples/load_gazette.py [RELEASE]
"""

import sys

from datasets import load_dataset

import microfiche

release = sys.argv[1] if len(sys.argv) > 1 else str(microfiche.path("gazette"))
articles = load_dataset(release, split="train")
for row in articles.select(range(5)):
    print(row["article_id"], row["published"] or "undated", row["title"], sep="  ")
print(f"{len(articles)} articles; the first begins: {articles[0]['text'][:70]}")
