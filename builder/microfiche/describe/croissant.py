"""croissant.json: a release as a Croissant 1.1 dataset, with RAI 1.0 and PROV-O.

Every judgement is the datasheet's own answer, every number is measured. Written for what the
`mlcroissant` library reads as well as for the specification: one FileObject a file, one RecordSet
a table, members of structs as sub-fields read by one JSON path a level.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from microfiche.describe import counted
from microfiche.describe.citation import cite
from microfiche.describe.facts import Facts, languages_of, published_span, ranked
from microfiche.describe.questions import answers
from microfiche.describe.source import Source
from microfiche.describe.terms import doi_url, is_person, license_names, license_url, stated
from microfiche.schema import RecordType, Spec, kind_of, type_name

Node = dict[str, Any]
CONFORMS = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
CROISSANT_PARQUET = "application/x-parquet"  # the only name of Parquet that Croissant knows
ROW_COUNT = "wd:Q4049983"
LISTED_METHODS = 20
NOT_ANSWERED = "The archive's datasheet does not answer this."
# Terms of the specification's own context. `https` as mlcroissant compares it letter by letter.
TERMS = (
    "annotation arrayShape citeAs column containedIn equivalentProperty excludes extract field "
    "fileObject fileProperty fileSet format includes isArray isLiveDataset jsonPath key md5 "
    "parentField path readLines recordSet references regex repeated replace samplingRate "
    "sdVersion separator source subField transform unArchive value"
)
CONTEXT: Mapping[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "wd": "http://www.wikidata.org/entity/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    **{name: f"cr:{name}" for name in TERMS.split()},
}
# Columns that say of their row what a PROV-O property says.
PROVENANCE = {
    "captures/url": "prov:hadPrimarySource",
    "captures/retrieved_at": "prov:generatedAtTime",
    "captures/retrieved_by": "prov:wasAttributedTo",
    "captures/memento_url": "prov:alternateOf",
    "revisions/article_id": "prov:specializationOf",
}


def croissant(manifest: Mapping[str, Any], source: Source, facts: Facts, datasheet: str) -> Node:
    """The whole description. `datasheet` is the release's own, its blocks filled in."""
    dataset = source.dataset
    tables = [entry for entry in manifest["tables"] if entry["files"]]
    publisher = dataset.get("publisher")
    days = published_span(facts)
    page: Node = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "name": manifest["name"],
        "alternateName": manifest["title"],
        "description": dataset.get("description", manifest["title"]),
        "conformsTo": CONFORMS,
        "license": _license(dataset.get("license")),
        "url": dataset.get("homepage") or doi_url(manifest["doi"]) or "README.md",
        "sameAs": doi_url(manifest["doi"]),
        "creator": [_agent(creator) for creator in dataset.get("creators", ())],
        "publisher": publisher and {"@type": "sc:Organization", "name": publisher},
        "datePublished": manifest["date"],
        "version": manifest["version"],
        "inLanguage": languages_of(dataset, facts),
        "keywords": list(dataset.get("keywords", ())),
        "isLiveDataset": False,
        "citeAs": cite(manifest, dataset, "bibtex").strip(),
        "identifier": manifest["fingerprint"],
        "temporalCoverage": days and "/".join(day or ".." for day in days),
        **_responsible_ai(manifest, source, facts, answers(datasheet)),
        **_provenance(manifest, source, facts),
        "distribution": [part for entry in tables for part in _distribution(entry)],
        "recordSet": [_record_set(entry, source.types[entry["name"]]) for entry in tables],
    }
    return stated(page)


def _license(expression: str | None) -> str | None:
    names = license_names(expression)
    return license_url(names[0]) or expression if len(names) == 1 else expression


def _agent(creator: Mapping[str, Any]) -> Node:
    kind = "sc:Person" if is_person(creator) else "sc:Organization"
    orcid, home = creator.get("orcid"), creator.get("affiliation")
    url = f"https://orcid.org/{orcid}" if orcid else creator.get("ror") or creator.get("url")
    affiliation = home and {"@type": "sc:Organization", "name": home}
    return stated({"@type": kind, "name": creator["name"], "url": url, "affiliation": affiliation})


# Files and records


def _distribution(entry: Mapping[str, Any]) -> Iterator[Node]:
    """One FileObject a file, and a FileSet over them where there are several."""
    name = entry["name"]
    for file in entry["files"]:
        yield {
            "@type": "cr:FileObject",
            "@id": file["path"],
            "name": file["path"].rpartition("/")[2],
            "description": f"{file['n_rows']} rows of the table {name}.",
            "contentUrl": file["path"],
            "contentSize": f"{file['size_bytes']} B",
            "encodingFormat": CROISSANT_PARQUET,
            "sha256": file["sha256"],
            "prov:wasGeneratedBy": {"@id": "#build"},
        }
    if len(entry["files"]) > 1:
        yield {
            "@type": "cr:FileSet",
            "@id": f"{name}-files",
            "name": f"{name}-files",
            "description": f"The files of the table {name}.",
            "encodingFormat": CROISSANT_PARQUET,
            "includes": [file["path"] for file in entry["files"]],
            "prov:wasGeneratedBy": {"@id": "#build"},
        }


def _record_set(entry: Mapping[str, Any], kind: RecordType) -> Node:
    name = entry["name"]
    if len(entry["files"]) == 1:
        origin = {"fileObject": {"@id": entry["files"][0]["path"]}}
    else:
        origin = {"fileSet": {"@id": f"{name}-files"}}
    key = [{"@id": f"{name}/{column}"} for column in kind.table.key]
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": kind.document["description"],
        "key": key if len(key) > 1 else key[0],
        "annotation": {
            "@type": "cr:Field",
            "@id": f"{name}/.n_rows",
            "name": "n_rows",
            "description": "Number of records.",
            "dataType": ["sc:Integer", ROW_COUNT],
            "value": entry["n_rows"],
        },
        "field": [
            _field((name, field.name), field.spec, {**origin, "extract": {"column": field.name}})
            for field in kind.fields
        ],
    }


def _field(path: tuple[str, ...], spec: Spec, origin: Node) -> Node:
    """A field; the members of a struct, or of structs in a list, are its sub-fields.

    A transformation is applied to each element of a list, so lists need no path of their own.
    """
    field: Node = {
        "@type": "cr:Field",
        "@id": "/".join(path),
        "name": path[-1],
        "description": spec.get("description", path[-1]),
        "equivalentProperty": PROVENANCE.get("/".join(path)),
    }
    if kind_of(spec) == "array":
        field |= {"isArray": True, "arrayShape": "-1"}
        spec = spec["items"]
    if kind_of(spec) == "object":
        members = spec["properties"].items()
        field["subField"] = [_field((*path, name), part, origin) for name, part in members]
        return stated(field)
    steps = [{"jsonPath": step} for step in path[2:]]
    transform = {"transform": steps if len(steps) > 1 else steps[0]} if steps else {}
    return stated({**field, "dataType": _data_type(spec), "source": {**origin, **transform}})


def _data_type(spec: Spec) -> str:
    name = type_name(spec)
    if name == "string" and str(spec.get("pattern", "")).startswith("^https?://"):
        return "sc:URL"
    known = {"timestamp": "sc:DateTime", "date": "sc:Date", "bool": "sc:Boolean"}
    return known.get(name, "sc:Integer" if name.startswith("int") else "sc:Text")


# Where it comes from (PROV-O); one direction only, since readers do not survive a circle


def _provenance(manifest: Mapping[str, Any], source: Source, facts: Facts) -> Node:
    sites = [
        _labelled("prov:Entity", f"https://{domain['host']}/", f"{entry['name']}, {domain['role']}")
        for entry in source.outlets
        for domain in entry.get("domains", ())
    ]
    retrieval = {
        **_labelled("prov:Activity", "#retrieval", "Retrieval of the captures"),
        "prov:startedAtTime": facts.first_retrieved,
        "prov:endedAtTime": facts.last_retrieved,
        "prov:used": [{"@id": site["@id"]} for site in sites],
    }
    label = f"Build of version {manifest['version']}, pages read as {manifest['extraction']}"
    build = {
        **_labelled("prov:Activity", "#build", label),
        "prov:wasInformedBy": stated(retrieval),
        "prov:wasAssociatedWith": _labelled("prov:SoftwareAgent", "#builder", manifest["builder"]),
    }
    before = manifest["previous"]
    return {
        "prov:wasDerivedFrom": sites,
        "prov:wasRevisionOf": before
        and _labelled(
            "prov:Entity",
            f"urn:sha256:{before['release_sha256']}",
            f"{manifest['name']} {before['version']}, {before['fingerprint']}",
        ),
        "prov:wasGeneratedBy": build,
        "prov:wasAttributedTo": [
            _labelled("prov:Agent", f"#creator-{number}", creator["name"])
            for number, creator in enumerate(source.dataset.get("creators", ()), 1)
        ],
    }


def _labelled(kind: str, identifier: str, label: str) -> Node:
    """A PROV node; `prov:label` as the specification's examples have it, `rdfs:label` as PROV-O."""
    return {"@type": kind, "@id": identifier, "prov:label": label, "rdfs:label": label}


# Responsible AI, every property of RAI 1.0


def _responsible_ai(
    manifest: Mapping[str, Any], source: Source, facts: Facts, said: Mapping[int, str]
) -> Node:
    """The twenty properties of RAI 1.0: the datasheet's answers by their numbers, and counts."""

    def answer(*numbers: int) -> str:
        return " ".join(said[number] for number in numbers if number in said)

    rows = {entry["name"]: entry["n_rows"] for entry in manifest["tables"]}
    missing = ", ".join(f"{name} {count:,}" for name, count in sorted(facts.missing.items()))
    languages = ", ".join(f"{name} ({count:,})" for name, count in ranked(facts.languages))
    outlets = ", ".join(str(entry["name"]) for entry in source.outlets)
    contact = source.dataset.get("contact", "no contact is stated")
    no_annotation = "The builder annotates nothing; sections and keywords are the outlets' own."
    captures = counted(rows["captures"], "capture")
    named = ", ".join(facts.methods[:LISTED_METHODS])
    methods = f" Methods stated: {named}." if named else ""
    page: Node = {
        "dataCollection": f"{captures} of {outlets}.{methods} {answer(21, 22)}",
        "dataCollectionType": ["Document analysis", "Others"],
        "dataCollectionMissingData": f"Null or empty in articles: {missing}. "
        f"Rejected captures: {rows.get('rejected', 0):,}. Null means not stated. {answer(10)}",
        "dataCollectionRawData": "The captured bytes are not in the release; captures.sha256 "
        f"names them. {answer(34)}",
        "dataCollectionTimeframe": [t for t in (facts.first_retrieved, facts.last_retrieved) if t],
        "dataImputationProtocol": "Nothing is imputed: what is not known is null.",
        "dataManipulationProtocol": "Captures of one article are merged by the rule that "
        "captures.merge_rule names; each distinct state is a row of revisions; withdrawn articles "
        f"({rows.get('withdrawn', 0):,}) leave a tombstone. {_access(manifest, facts)}",
        "dataPreprocessingProtocol": answer(33),
        "dataAnnotationProtocol": f"{no_annotation} {answer(9)}",
        "dataAnnotationPlatform": "None: the builder annotates nothing.",
        "dataAnnotationAnalysis": "None: the builder annotates nothing.",
        "annotationsPerItem": "0",
        "annotatorDemographics": "None: the builder annotates nothing.",
        "machineAnnotationTools": f"None: fields are read from captures by {manifest['builder']}, "
        "which names the rule of each in provenance.field_sources.",
        "dataReleaseMaintenancePlan": "A published version is never changed; the version follows "
        f"from what differs. Contact: {contact}. {answer(53, 55)}",
        "personalSensitiveInformation": f"{answer(18, 19)} Corrections and takedown: {contact}.",
        "dataSocialImpact": answer(31, 40),
        "dataBiases": f"Articles by language: {languages}. {answer(7, 17)}",
        "dataLimitations": answer(13, 41),
        "dataUseCases": answer(39),
    }
    return {
        f"rai:{name}": (value.strip() or NOT_ANSWERED) if isinstance(value, str) else value
        for name, value in page.items()
    }


def _access(manifest: Mapping[str, Any], facts: Facts) -> str:
    shown = ", ".join(f"{count:,} {access}" for access, count in sorted(facts.text_access.items()))
    return f"Access of this release: {manifest['access']}; texts: {shown}."
