"""What a repository is told of a release: its datacite.json, as a record of InvenioRDM has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from microfiche.describe.facts import measure
from microfiche.release import Release

DATACITE = "datacite.json"
# ISO 639-1 to ISO 639-3, which is how InvenioRDM lists languages.
CODES = """
aa aar  ab abk  ae ave  af afr  ak aka  am amh  an arg  ar ara  as asm  av ava  ay aym
az aze  ba bak  be bel  bg bul  bi bis  bm bam  bn ben  bo bod  br bre  bs bos  ca cat
ce che  ch cha  co cos  cr cre  cs ces  cu chu  cv chv  cy cym  da dan  de deu  dv div
dz dzo  ee ewe  el ell  en eng  eo epo  es spa  et est  eu eus  fa fas  ff ful  fi fin
fj fij  fo fao  fr fra  fy fry  ga gle  gd gla  gl glg  gn grn  gu guj  gv glv  ha hau
he heb  hi hin  ho hmo  hr hrv  ht hat  hu hun  hy hye  hz her  ia ina  id ind  ie ile
ig ibo  ii iii  ik ipk  io ido  is isl  it ita  iu iku  ja jpn  jv jav  ka kat  kg kon
ki kik  kj kua  kk kaz  kl kal  km khm  kn kan  ko kor  kr kau  ks kas  ku kur  kv kom
kw cor  ky kir  la lat  lb ltz  lg lug  li lim  ln lin  lo lao  lt lit  lu lub  lv lav
mg mlg  mh mah  mi mri  mk mkd  ml mal  mn mon  mr mar  ms msa  mt mlt  my mya  na nau
nb nob  nd nde  ne nep  ng ndo  nl nld  nn nno  no nor  nr nbl  nv nav  ny nya  oc oci
oj oji  om orm  or ori  os oss  pa pan  pi pli  pl pol  ps pus  pt por  qu que  rm roh
rn run  ro ron  ru rus  rw kin  sa san  sc srd  sd snd  se sme  sg sag  sh hbs  si sin
sk slk  sl slv  sm smo  sn sna  so som  sq sqi  sr srp  ss ssw  st sot  su sun  sv swe
sw swa  ta tam  te tel  tg tgk  th tha  ti tir  tk tuk  tl tgl  tn tsn  to ton  tr tur
ts tso  tt tat  tw twi  ty tah  ug uig  uk ukr  ur urd  uz uzb  ve ven  vi vie  vo vol
wa wln  wo wol  xh xho  yi yid  yo yor  za zha  zh zho  zu zul
""".split()
ISO_639_3 = dict(zip(CODES[::2], CODES[1::2], strict=True))


def record_of(release: Release) -> dict[str, Any]:
    """A record as InvenioRDM has it, from the release's datacite.json."""
    said = orjson.loads(release.read(DATACITE))
    restricted = bool(measure(release).beyond_rights)
    metadata = {
        "resource_type": {"id": "dataset"},
        "title": said["titles"][0]["title"],
        "publication_date": release.manifest["date"],
        "version": release.version,
        "publisher": said["publisher"]["name"],
        "creators": [_creator(each) for each in said["creators"]],
        "description": _abstract(said) or said["titles"][0]["title"],
        "subjects": [{"subject": each["subject"]} for each in said.get("subjects", ())],
        "rights": [
            {"id": each["rightsIdentifier"].lower()}
            for each in said.get("rightsList", ())
            if each.get("rightsIdentifierScheme") == "SPDX"
        ],
        "additional_descriptions": [
            *_descriptions(said),
            {"description": f"Fingerprint {release.fingerprint}", "type": {"id": "technical-info"}},
        ],
        "languages": [{"id": each} for each in _language(said.get("language", ""))],
        "dates": list(_dates(said)),
        "related_identifiers": [_related(each) for each in said.get("relatedIdentifiers", ())],
        "sizes": said.get("sizes", []),
        "formats": said.get("formats", []),
        "funding": [
            {"funder": {"name": each["funderName"]}} for each in said.get("fundingReferences", ())
        ],
    }
    return {
        "metadata": {key: value for key, value in metadata.items() if value},
        "access": {"record": "public", "files": "restricted" if restricted else "public"},
        "files": {"enabled": True},
    }


def _abstract(said: Mapping[str, Any]) -> str:
    return "\n".join(
        each["description"]
        for each in said["descriptions"]
        if each["descriptionType"] == "Abstract"
    )


def _descriptions(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is told beside the abstract."""
    for each in said["descriptions"]:
        if each["descriptionType"] == "TechnicalInfo":
            yield {"description": each["description"], "type": {"id": "technical-info"}}


def _language(code: str) -> list[str]:
    """The language as repositories list them; nothing if they do not."""
    primary = code.lower().partition("-")[0]
    if len(primary) == 3:
        return [primary]
    return [ISO_639_3[primary]] if primary in ISO_639_3 else []


def _dates(said: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is dated beside the day of publication."""
    for each in said.get("dates", ()):
        if each["dateType"] == "Issued":
            continue
        known = {"description": each["dateInformation"]} if "dateInformation" in each else {}
        yield {"date": each["date"], "type": {"id": each["dateType"].lower()}, **known}


def _related(said: Mapping[str, Any]) -> dict[str, Any]:
    """A related work that has an identifier."""
    kind = said.get("resourceTypeGeneral")
    return {
        "identifier": said["relatedIdentifier"],
        "scheme": said["relatedIdentifierType"].lower(),
        "relation_type": {"id": said["relationType"].lower()},
        **({"resource_type": {"id": kind.lower()}} if kind else {}),
    }


def _creator(said: Mapping[str, Any]) -> dict[str, Any]:
    """A person with given and family name where these are stated, else an organisation."""
    if "familyName" in said:
        person: dict[str, Any] = {
            "type": "personal",
            "given_name": said.get("givenName", ""),
            "family_name": said["familyName"],
        }
    else:
        person = {"type": "organizational", "name": said["name"]}
    known = [
        {"scheme": each["nameIdentifierScheme"].lower(), "identifier": each["nameIdentifier"]}
        for each in said.get("nameIdentifiers", ())
    ]
    held = {"person_or_org": {**person, **({"identifiers": known} if known else {})}}
    affiliations = [{"name": each["name"]} for each in said.get("affiliation", ())]
    return {**held, **({"affiliations": affiliations} if affiliations else {})}
