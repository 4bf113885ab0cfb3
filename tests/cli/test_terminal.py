"""What a person reads: on a terminal of 80 columns, in a pipe, loud or quiet."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import CASES, REPOSITORY, Run
from microfiche.library import open_archive, path
from small import build, outlet, prose, record, write

PROGRAM = Path(sys.executable).parent / "microfiche"
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
GAZETTE = path("gazette")


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    """Nine captures of a host without an outlet, a broken line, a broken outlet file, a draft."""
    root = tmp_path / "faulty"
    shutil.copytree(CASES / "base", root)
    for case in ("invalid/MF307_broken_line", "invalid/MF201_unknown_role", "warning/MF104_draft"):
        shutil.copytree(CASES / case, root, dirs_exist_ok=True)
    good = (root / "raw" / "captures" / "good.txt").read_text("utf-8")
    for number in range(9):
        file = root / "raw" / "captures" / f"lost{number}.txt"
        file.write_text(good, "utf-8")
        file.with_name(f"{file.name}.toml").write_text(
            f'url = "https://nobody.example/{number}"\nretrieved_at = 2026-01-01T00:00:00Z\n'
        )
    return root


def on_terminal(*words: object, **env: str) -> str:
    """What a terminal of 80 columns is sent, both streams in one."""
    master, slave = pty.openpty()
    env = {**os.environ, "COLUMNS": "80", "TERM": "xterm", **env}
    env = {name: value for name, value in env.items() if value}
    with subprocess.Popen(
        [PROGRAM, *map(str, words)], stdin=slave, stdout=slave, stderr=slave, env=env
    ):
        os.close(slave)
        sent = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            sent += part
    os.close(master)
    return sent.decode().replace("\r\n", "\n")


def test_each_cause_is_said_once(faulty: Path, run: Run) -> None:
    """The archive's own file first, then what was met most; each with its count and remedy."""
    lines = run("validate", faulty).stdout.splitlines()
    heads = [line for line in lines if not line.startswith(" ")]
    codes = [head.split(":")[0] for head in heads]
    assert codes == ["error MF201", "error MF402", "error MF307", "warning MF104", heads[-1]]
    assert heads[1].endswith("(9 times)")
    assert sum("nobody.example" in line for line in lines) == 1
    (lost,) = (line for line in lines if "nobody.example" in line)
    assert lost.startswith("  raw/captures/lost0.txt, raw/captures/lost1.txt, ")
    assert "raw/captures/lost2.txt and 6 more: " in lost
    assert sum(line.startswith("  to do: ") for line in lines) == 4
    assert heads[-1] == "11 errors, 1 warning in 13 captures"
    findings = open_archive(faulty).validate().findings
    every = run("validate", faulty, "--verbose").stdout.splitlines()
    assert every == [*map(str, findings), heads[-1]]


def test_many_messages_of_a_code_are_counted(tmp_path: Path, run: Run) -> None:
    """Five are shown, the rest is a number, in a build too, and there even if it kept few."""
    lines = [f"{{{'a' * n}" for n in range(120)]
    root = write(tmp_path / "a", [record(1)])
    (root / "raw" / "captures" / "broken.jsonl").write_text("\n".join(lines) + "\n")
    told = run("validate", root).stdout
    assert re.search(r"MF307: .* \(120 times\)", told)
    done = run("build", root, "--date", "2026-01-01")
    assert done.returncode == 0
    assert re.search(r"MF307: .* \(120 times\)", done.stderr)
    for text in (told, done.stderr):
        block = text.partition("MF307")[2].partition("to do")[0]
        places = block.count("broken.jsonl: line")
        rest = re.findall(r"and ([0-9]+) more[;:]", block)
        assert places + sum(map(int, rest)) == 120
        assert 1 <= len([each for each in block.splitlines() if "broken.jsonl" in each]) <= 5


def test_a_terminal_gets_colour_and_its_width(faulty: Path) -> None:
    """No line passes 80 columns; NO_COLOR and dumb terminals get no colour, files no code."""
    sent = on_terminal("validate", faulty, "--quiet")
    assert "\x1b[31;1merror MF402\x1b[0m: " in sent
    assert max(len(ANSI.sub("", line)) for line in sent.splitlines()) <= 80
    plain = on_terminal("validate", faulty, "--quiet", NO_COLOR="1")
    assert "\x1b" not in plain
    assert ANSI.sub("", sent) == plain
    assert "\x1b" not in on_terminal("validate", faulty, TERM="dumb")


def test_a_terminal_sees_how_far_it_is(faulty: Path) -> None:
    """A bar with counts and the time that is left; --quiet shows none."""
    sent = on_terminal("validate", faulty, "--quiet", "--verbose")
    assert "━" not in sent
    sent = ANSI.sub("", on_terminal("validate", faulty))
    assert "━" in sent
    assert re.search(r"[0-9]+/[0-9]+", sent)


def test_quiet_leaves_results_and_errors(faulty: Path, run: Run) -> None:
    """Progress and warnings go, errors and results stay."""
    (faulty / "raw" / "outlets" / "other.toml").unlink()
    done = run("build", faulty, "--date", "2026-01-01", "--quiet")
    assert done.returncode == 0
    assert done.stdout.startswith("built ")
    assert "error MF402" in done.stderr
    assert "MF104" not in done.stderr
    assert "..." not in done.stderr
    done = run("build", faulty / "none", "--quiet")
    assert done.stderr.startswith("error: ")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("biuld",), "Did you mean 'build'"),
        (("build", "--formt", "x"), "--format"),
        (("build", "fualty"), "did you mean faulty?"),
        (("validate", "faulty/raw"), "faulty?"),
        (("validate", "."), "faulty?"),
        (("show", "gazete"), "did you mean gazette?"),
        (("verify", "faulty/raw/captures/good.text"), "did you mean faulty/raw/captures/good.txt?"),
        (("add", "nothing.txt", "--archive", "faulty"), "nothing.txt: no such file or folder"),
        (("read", "faulty/DATASHET.md"), "did you mean faulty/DATASHEET.md?"),
        (("diff", "gazette", "faulty"), "no release"),
    ],
)
def test_a_wrong_word_is_met_with_the_right_one(
    faulty: Path, run: Run, words: tuple[str, ...], told: str
) -> None:
    """Commands, options, archives, releases, files: exit code 2, and the nearest there is."""
    done = run(*words, cwd=faulty.parent)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_articles_are_listed_as_asked(run: Run) -> None:
    """All of them, few of them, or those that an expression holds for."""
    every = run("show", GAZETTE, "--limit", "0").stdout.splitlines()
    assert sum(line.startswith("gazette:") for line in every) == 26
    few = run("show", GAZETTE, "--limit", "2").stdout
    assert few.count("\ngazette:") == 2
    assert few.endswith("and 24 more; --limit 0 lists all\n")
    held = run("show", GAZETTE, "--where", "language != 'en'").stdout.splitlines()
    assert held[0] == "2 articles"
    rows = json.loads(run("show", GAZETTE, "--where", "n_words > 5", "--format", "json").stdout)
    assert len(rows) == 20
    for words in (("--where", "n_words >"), ("g-101", "--where", "n_words > 5")):
        assert run("show", GAZETTE, *words).returncode == 2


def test_a_value_is_followed_to_the_line_that_states_its_rule(run: Run) -> None:
    """Field, rule, line of the outlet's file; captures with their file and digest."""
    shown = run("show", GAZETTE, "g-118").stdout
    lines = (GAZETTE / "source" / "outlets" / "gazette.toml").read_text("utf-8").splitlines()
    stating = r"^(?:read |taken )(\w+): .*\(source/outlets/gazette.toml: line (\d+)\)$"
    places = re.findall(stating, shown, re.M)
    stated = {field: lines[int(number) - 1] for field, number in places}
    assert stated["article_id"].startswith("pattern = ")
    assert stated["outlet_id"] == 'host = "gazette.example"'
    assert stated["license"] == 'license = "CC0-1.0"'
    assert stated["published_at"].startswith("time_zone")
    assert stated["out"].startswith("line = ")
    assert re.search(r"captures/gazette/2025/118-\S+\.txt, sha256 [0-9a-f]{64}", shown)
    assert "read byline: text, name above outlet and city" in shown


def test_a_selector_and_an_address_are_followed_too(tmp_path: Path, run: Run) -> None:
    """What a page gave by the outlet's selector, and an id by its pattern."""
    entry = outlet() + '[[selectors]]\nfield = "title"\ncss = "h1"\n'
    root = write(tmp_path / "a", [record(1)], entry)
    html = (REPOSITORY / "tests" / "pages" / "html" / "04-bare-byline.html").read_text("utf-8")
    (root / "raw" / "captures" / "p.html").write_text(html)
    (root / "raw" / "captures" / "p.html.toml").write_text(
        'url = "https://courier.example/2024/05/9"'
    )
    release = build(root)
    shown = run("show", release.root, "n-9").stdout
    lines = (release.root / "source/outlets/courier.toml").read_text().splitlines()
    places = dict(
        re.findall(r"^read (\w+): .*\(source/outlets/courier.toml: line (\d+)\)$", shown, re.M)
    )
    assert lines[int(places["title"]) - 1] == 'css = "h1"'
    assert lines[int(places["article_id"]) - 1].startswith("pattern = ")


def test_revisions_are_compared_by_words(run: Run) -> None:
    """Words that went and came stand in marks, in their places."""
    told = run("show", GAZETTE, "g-118", "--diff", "1", "2").stdout
    assert "title: Counting the Gazette’s own shelves{+, twice+}" in told
    assert "[-eighteen-] {+twenty-four+}" in told
    data = json.loads(run("show", GAZETTE, "g-118", "--diff", "1", "2", "--format", "json").stdout)
    assert data["diff"]["title"][0][-1] == {"kind": "added", "words": ", twice"}
    assert data["diff"]["captions"] == []
    same = run("show", GAZETTE, "g-118", "--diff", "1", "1").stdout
    assert same.endswith("\nno difference\n")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete(shell: str) -> None:
    """The program gives each shell its script, and that names the commands."""
    done = subprocess.run(
        [PROGRAM, "--show-completion", shell], capture_output=True, text=True, check=False
    )
    if done.returncode:  # a shell is not always known by name
        env = {**os.environ, "_MICROFICHE_COMPLETE": f"source_{shell}"}
        done = subprocess.run([PROGRAM], env=env, capture_output=True, text=True, check=True)
    assert "microfiche" in done.stdout
    env = {
        **os.environ,
        "_MICROFICHE_COMPLETE": "complete_bash",
        "COMP_WORDS": "microfiche bu",
        "COMP_CWORD": "1",
    }
    done = subprocess.run([PROGRAM], env=env, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["build"]


def test_an_article_is_found_by_what_somebody_knows_of_it(run: Run) -> None:
    """The outlet's own number, words of an earlier headline; several are listed line by line."""
    assert "Counting the Gazette’s own shelves, twice" in run("show", GAZETTE, "118").stdout
    done = run("show", GAZETTE, "gazette:g-1118")
    assert done.returncode == 3
    assert "did you mean gazette:g-118?" in done.stderr
    several = run("show", GAZETTE, "the")
    assert several.returncode == 3
    assert len(several.stderr.splitlines()) > 3


def test_an_earlier_headline_finds_its_article(tmp_path: Path, run: Run) -> None:
    """Where none has the words now; a revision is named by the beginning of its id."""
    later = {"retrieved_at": "2025-02-01T00:00:00Z", "method": "crawler"}
    edited = record(1, title="Eleven weeks", text=prose(2), retrieval=later)
    root = write(tmp_path / "a", [record(1, title="Nine weeks"), edited])
    release = build(root)
    first = next(row for row in release.rows("revisions") if row["title"] == "Nine weeks")
    for name in ("nine weeks", "eleven"):
        assert run("show", release.root, name).returncode == 0
    done = run(
        "cite", release.root, "--article", "nine weeks", "--revision", first["revision_id"][:6]
    )
    assert first["revision_id"] in done.stdout


def test_the_cause_comes_first_for_other_programs_too(faulty: Path, run: Run) -> None:
    """GitHub shows ten of a step: the outlet file before the captures that wait for it."""
    done = run("validate", faulty, "--format", "github", cwd=faulty.parent)
    codes = re.findall(r"title=(MF\d+)", done.stdout)
    assert codes[0] == "MF201"
    log = json.loads(run("validate", faulty, "--format", "sarif").stdout)
    assert [each["ruleId"] for each in log["runs"][0]["results"]] == codes


def test_a_reader_that_has_seen_enough_is_no_fault(tmp_path: Path) -> None:
    """A pipe that is closed before anything is read ends well."""
    script = f"({PROGRAM} show gazette --limit 0; echo $? >&2) | (exec <&-; sleep 3)"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "0"


def test_a_folder_that_is_no_release_is_not_verified(faulty: Path, run: Run) -> None:
    """It is a wrong path, not a broken release."""
    (faulty / "raw" / "outlets" / "other.toml").unlink()
    assert run("build", faulty, "--date", "2026-01-01", "--quiet").returncode == 0
    done = run("verify", faulty / "raw")
    assert done.returncode == 2
    assert "no release" in done.stderr


def test_no_line_is_forged_by_a_name(faulty: Path, run: Run) -> None:
    """A file whose name has a line feed gives one line, of findings and of what stops a build."""
    (faulty / "raw" / "captures" / "a\n::error::forged.jsonl").write_text("{bad\n")
    (faulty / "raw" / "outlets" / "x\n::set-env::y.toml").write_text("a = =\n")
    for words in (("validate", faulty), ("validate", faulty, "--verbose"), ("build", faulty)):
        done = run(*words)
        lines = (done.stdout + done.stderr).splitlines()
        assert not [line for line in lines if line.startswith("::")]
        assert any("\\n::" in line for line in lines)
    report = run("validate", faulty, "--format", "junit").stdout
    assert not [line for line in report.splitlines() if line.startswith("::")]


@pytest.mark.parametrize(
    "entry",
    [
        "domains = 'abc'", "domains = [1]", "rights = 'x'", "[[urls]]\npattern = '(((('",
        "[[urls]]\npattern = 5", "[[urls]]\nx = 5", "urls = 'x'", "a = " + "[" * 5000, "\x00",
    ],
)  # fmt: skip
def test_an_outlet_file_that_is_none_gives_no_lines(tmp_path: Path, run: Run, entry: str) -> None:
    """Of a release that somebody broke: its articles are shown all the same."""
    broken = shutil.copytree(GAZETTE, tmp_path / "2.0.0")
    (broken / "source" / "outlets" / "gazette.toml").write_text(entry)
    done = run("show", broken, "g-118")
    assert done.returncode == 0, done.stderr
    assert "where values were read:" in done.stdout
    assert "source/outlets" not in done.stdout


@pytest.mark.parametrize("page", ["**", "a**", "/etc/passwd", "../README", "[", ".", "x" * 400, ""])
def test_a_page_that_is_none(run: Run, page: str) -> None:
    """No pattern, no path, nothing outside of the documentation."""
    done = run("docs", page)
    assert done.returncode == 2
    assert "no page of that name" in done.stderr


def test_a_workflow_that_cannot_be_written_leaves_no_archive(tmp_path: Path, run: Run) -> None:
    """Nor is it written through a link that leads out."""
    outside = tmp_path / "outside"
    outside.mkdir()
    for name, blocked in (("a", None), ("b", outside)):
        root = tmp_path / name
        root.mkdir()
        if blocked:
            (root / ".github").symlink_to(blocked)
        else:
            (root / ".github").write_text("")
        done = run("init", root, "--name", "x", "--title", "X")
        assert done.returncode == 4
        assert "--ci none" in done.stderr
        assert not (root / "raw").exists()
        assert not list(outside.iterdir())
        assert run("init", root, "--name", "x", "--title", "X", "--ci", "none").returncode == 0
