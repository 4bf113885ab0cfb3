"""Rows to Arrow to sheets to shards and back, and the Merkle roots of whole tables.

`arrow` converts, `sheets` are rows on disk while a release is built, `shards` its Parquet files,
`roots` the digests over them, `columns` what a file must have before anything is made of it.
"""
