"""Data wheels: a release as packages that pip installs and `requirements.txt` pins.

A wheel holds files and no code. It registers the dataset by an entry point that is read and never
loaded, is stored without compression (Parquet has its own), and is the same bytes wherever it is
made. What is above the limit of package indexes is split: the first wheel requires the others.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from microfiche.about import BUILDER
from microfiche.describe.citation import cite
from microfiche.describe.facts import check_may_leave, measure
from microfiche.describe.styles import flat
from microfiche.distribute.packing import Member, members, parts, write_member
from microfiche.distribute.target import archive_root
from microfiche.errors import CannotRun, DataError, unusable
from microfiche.fixity import file_digest, sha256_hex
from microfiche.release import Release, folder_name
from microfiche.release.locating import WHEEL_FOLDER, WHEEL_GROUP
from microfiche.release.placing import staging

INDEX_LIMIT = 100_000_000  # bytes: what package indexes take of one file by default
# What a file adds to a wheel beside its bytes and its path, four times: headers, digest, newline.
OVERHEAD = 76 + 76 + 80


class Wheel(NamedTuple):
    """A wheel that was written: its distribution, version, file, size in bytes, and digest."""

    name: str
    version: str
    file: Path
    size_bytes: int
    sha256: str

    @property
    def requirement(self) -> str:
        """The line of requirements.txt that pins it."""
        return f"{self.name}=={self.version} --hash=sha256:{self.sha256}"


def write_wheels(
    release: Release, out: Path, *, restricted: bool = False, limit: int = INDEX_LIMIT
) -> list[Wheel]:
    """Write the wheels of a release into a folder; the first of them is the one to install.

    One that is there and the same is left as it is. Raises DataError for a release that may not
    leave or does not hold, or with a file larger than `limit` bytes; CannotRun for a wheel of that
    name that is another, or no room.
    """
    check_may_leave(release, restricted=restricted)
    private = bool(measure(release).beyond_rights)
    files = members(release, f"{WHEEL_FOLDER}/{_folder(release)}/")
    packed = _parts(release, files, limit)
    names = [_part_name(release, number) for number in range(len(packed))]
    written = []
    try:
        with staging(out) as work:
            for number, part in enumerate(packed):
                needed = names[1:] if number == 0 else []
                info = _info(release, names[number], needed, private=private)
                written.append(_write(release, names[number], [*part, *info], work))
            return [_place(each, out) for each in written]
    except OSError as error:
        raise unusable(out, error) from error


def wheel_folder(release: Release) -> Path:
    """Where wheels go by default: into the dist/ of the release's archive, else of this folder."""
    root = archive_root(release)
    if root is None:
        return Path("dist")
    dist, here = root / "dist", Path.cwd()
    return dist.relative_to(here) if dist.is_relative_to(here) else dist


def _folder(release: Release) -> str:
    return folder_name(release.name, release.access)


def _parts(release: Release, files: Sequence[Member], limit: int) -> list[list[Member]]:
    """The files of each wheel, in order, none above the limit. Raises DataError."""
    said = _info(release, _part_name(release, 0), [_part_name(release, 99)] * 99, private=True)
    rest = 4096 + sum(each.size for each in said)  # what each wheel says of itself
    for member in files:
        if rest + _packed(member) > limit:
            told = f"{member.path.partition('/')[2]} alone has {member.size:,} bytes"
            raise DataError(
                f"{release.root}: {told}, more than a wheel of {limit:,} bytes holds",
                "raise --max-size if your index takes more, or `publish` the release to the Hub "
                "or a store",
            )
    return parts(files, limit - rest, _packed)


def _packed(member: Member) -> int:
    """Bytes that a file takes in a wheel."""
    return member.size + OVERHEAD + 4 * len(member.path)


def distribution(folder: str) -> str:
    """Name of the distribution that holds a dataset, given its folder's name; no two have one.

    Package names know no repeated or closing hyphens, and ours end in -part2 for a second part.
    """
    plain = re.sub(r"-+", "-", folder).strip("-")
    same = plain == folder and not re.search(r"-part\d+$", folder)
    return f"microfiche-data-{plain}" + ("" if same else f"-{sha256_hex(folder.encode())[:8]}")


def _part_name(release: Release, number: int) -> str:
    name = distribution(_folder(release))
    return f"{name}-part{number + 1}" if number else name


def _info(release: Release, name: str, needed: Sequence[str], *, private: bool) -> Iterator[Member]:
    """The files that say what a wheel is, but for RECORD."""
    folder = _folder(release)
    pages = {
        "METADATA": _metadata(release, name, needed, private=private),
        "WHEEL": f"Wheel-Version: 1.0\nGenerator: {BUILDER}\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if name == distribution(folder):
        target = f"{WHEEL_FOLDER}.{folder.replace('-', '_')}"
        pages["entry_points.txt"] = f"[{WHEEL_GROUP}]\n{folder} = {target}\n"
    for page, text in sorted(pages.items()):
        data = text.encode()
        yield Member(f"{_stem(release, name)}.dist-info/{page}", data, len(data))


def _metadata(release: Release, name: str, needed: Sequence[str], *, private: bool) -> str:
    dataset, manifest = release.dataset(), release.manifest
    fields = [
        ("Metadata-Version", "2.1"),
        ("Name", name),
        ("Version", release.version),
        ("Summary", flat(f"{manifest['title']}, {release.access} release")[:500]),
        ("Author", flat(", ".join(each["name"] for each in dataset.get("creators", ())))),
        ("License", flat(str(dataset.get("license", "")))),
        ("Keywords", flat(",".join(dataset.get("keywords", ())))),
        ("Project-URL", f"DOI, https://doi.org/{manifest['doi']}" if manifest["doi"] else ""),
        ("Project-URL", _homepage(dataset)),
        ("Classifier", "Intended Audience :: Science/Research"),
        ("Classifier", "Private :: Do Not Upload" if private else ""),
        *(("Requires-Dist", f"{each} (=={release.version})") for each in needed),
        ("Description-Content-Type", "text/markdown"),
    ]
    head = "".join(f"{field}: {value}\n" for field, value in fields if value)
    return f"{head}\n{_description(release)}"


def _homepage(dataset: Mapping[str, object]) -> str:
    return f"Homepage, {flat(str(dataset['homepage']))}" if dataset.get("homepage") else ""


def _description(release: Release) -> str:
    folder = _folder(release)
    bibtex = cite(release.manifest, release.dataset(), "bibtex").rstrip()
    return f"""# {folder} {release.version}

A release of a dataset, made by microfiche: files, and no code. With microfiche installed beside it:

```python
import microfiche

microfiche.load_dataset("{folder}", version="{release.version}")
```

`microfiche verify {folder}` checks it. Fingerprint of its records: `{release.fingerprint}`.

```bibtex
{bibtex}
```
"""


def _stem(release: Release, name: str) -> str:
    return f"{name.replace('-', '_')}-{release.version}"


def _write(release: Release, name: str, held: Sequence[Member], work: Path) -> Wheel:
    """Write one wheel with its RECORD. Raises OSError."""
    stem = _stem(release, name)
    file = work / f"{stem}-py3-none-any.whl"
    record = io.StringIO()
    lines = csv.writer(record, lineterminator="\n")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as package:
        for member in held:
            lines.writerow((member.path, f"sha256={write_member(package, member)}", member.size))
        path = f"{stem}.dist-info/RECORD"
        lines.writerow((path, "", ""))
        data = record.getvalue().encode()
        write_member(package, Member(path, data, len(data)))
    size, digest = file_digest(file)
    return Wheel(name, release.version, file, size, digest)


def _place(wheel: Wheel, out: Path) -> Wheel:
    """Put a wheel in its place, unless it is there. Raises CannotRun if another is, OSError."""
    target = out / wheel.file.name
    held = target.is_file()
    if (held and file_digest(target)[1] != wheel.sha256) or (not held and os.path.lexists(target)):
        raise CannotRun(
            f"{target} is there with other content",
            "a version is published once: take it away if nobody has it, or build a new release",
        )
    if not held:
        shutil.move(wheel.file, target)
    return wheel._replace(file=target)
