"""The contract: one source, everything else derived, two validators of one mind."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from microfiche.schema import RecordType, reader, record_type, resolved, schema_folder, table_types
from microfiche.tables.arrow import to_batch, to_rows

NAMES = sorted(path.stem for path in schema_folder().glob("*.json"))


def sample(kind: RecordType) -> dict[str, Any]:
    """A valid row, from the Gazette's release."""
    from microfiche.library import open_release, path

    return open_release(path("gazette")).rows(kind.table.name)[0]


@pytest.mark.parametrize("name", NAMES)
def test_every_field_is_described(name: str) -> None:
    """Each schema has an id with a version, and each field a description."""
    document = json.loads((schema_folder() / f"{name}.json").read_text("utf-8"))
    assert "/schema/1/" in document["$id"]
    assert document["description"]
    for field in record_type(name).fields:
        assert field.spec.get("description") or "$ref" in field.spec, field.name


def test_features_are_what_datasets_derives_from_arrow() -> None:
    """The YAML features made here equal those of the `datasets` library for the same schema."""
    from datasets import Features

    for kind in table_types().values():
        expected = Features.from_arrow_schema(kind.arrow_schema)._to_yaml_list()
        assert kind.features() == expected, kind.name


def test_a_field_added_to_a_copy_is_seen_everywhere(tmp_path: Path) -> None:
    """Validator, Arrow schema, features and field table follow one file."""
    folder = tmp_path / "schema"
    shutil.copytree(schema_folder(), folder)
    document = json.loads((folder / "article.json").read_text("utf-8"))
    document["properties"]["mood"] = {"description": "How it reads.", "type": ["string", "null"]}
    document["required"].append("mood")
    (folder / "article.json").write_text(json.dumps(document))
    grown, plain = (
        RecordType("article", resolved(reader(folder), "article")),
        record_type("article"),
    )
    row = sample(plain)
    assert plain.is_valid(row)
    assert not grown.is_valid(row)
    assert grown.is_valid(row | {"mood": None})
    assert "mood" in grown.arrow_schema.names
    assert {"name": "mood", "dtype": "string"} in grown.features()
    assert ("mood", "string", False, "How it reads.") in list(grown.field_rows())


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 2**54),
    st.text(max_size=12),
    st.sampled_from(
        [
            "2014-10-03",
            "2014-10-03T10:47:00.000000Z",
            "2014-10-03 10:47:00Z",
            "2014-10-03T10:47:00+03:30",
            "a" * 64,
            "en\n",
            "https://a.b\n",
        ]
    ),
    st.sampled_from(["2014-02-30", "2014-02-30T10:47:00.000000Z", "0" * 20, "٣" * 4, "é"]),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)


@pytest.mark.parametrize("name", ["article", "capture", "retrieval", "record", "outlet"])
@settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)
@given(data=st.data())
def test_both_validators_agree(name: str, data: st.DataObject) -> None:
    """jsonschema-rs, which decides, and jsonschema, which explains, never differ."""
    kind = record_type(name)
    value = sample(kind) if "x-table" in kind.document else {}
    for field in data.draw(st.lists(st.sampled_from(kind.fields), max_size=4)):
        value[field.name] = data.draw(VALUES)
    if data.draw(st.booleans()):
        value[data.draw(st.text(min_size=1, max_size=5))] = data.draw(SCALARS)
    assert kind.is_valid(value) == kind.oracle.is_valid(value)
    assert kind.is_valid(value) == (not list(kind.explain(value)))


@pytest.mark.parametrize("kind", table_types().values(), ids=lambda kind: kind.name)
def test_rows_survive_arrow(kind: RecordType) -> None:
    """JSON rows to Arrow and back are the same rows."""
    from microfiche.library import open_release, path

    rows = open_release(path("gazette")).rows(kind.table.name)
    assert to_rows(kind, to_batch(kind, rows)) == rows


@pytest.mark.parametrize(
    ("schema", "member", "form"),
    [
        ("retrieval", "retrieved_at", "2026-10-06T10:00:00Z"),
        ("retrieval", "url", "https://example.org/page"),
        ("dataset", "name", "town-papers"),
        ("withdrawal", "article_id", "gazette:g-101"),
        ("outlet", "wikidata_qid", "Q42"),
        ("record", "language", "pt-BR"),
        ("outlet", "issn", None),
    ],
)
def test_what_has_another_form_is_told_by_an_example(
    schema: str, member: str, form: str | None
) -> None:
    """One of its own kind; by the pattern where none is known."""
    kind = record_type(schema)
    told = [text for place, text in kind.explain({member: "!?"}) if place == f"/{member}"]
    wanted = f"'!?' has not the form of {form!r}" if form else "'!?' does not match '^[0-9]{4}-"
    assert any(text.startswith(wanted) for text in told)
