"""Ways of a release out of its archive; none changes it.

What is packed or published is asked first whether it may leave. `wheel` packs a release for pip,
`export` writes its tables for other programs (`flat` lays them out, `workbook` is XLSX), `packing`
is what packages have in common. `publishing` takes it to a `target`: the Hub (`hub_target`),
`stores` and folders, or hosts of `deposits`, to which `invenio` speaks; `metadata` is what they are
told. `hub` and `remote` read what was published; `addresses` says which addresses are ones, and
`outside` turns what hosts answer into errors of ours.
"""
