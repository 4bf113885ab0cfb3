"""Lines around an article, by what they are made of, in many languages."""

from __future__ import annotations

import pytest

from microfiche.extract.furniture import furniture, is_initials, is_label, is_note


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("share", ["Share on Facebook", "Deel Bewaar Reageer (18)", "0 SHARES 214 VIEWS", "字号： 大 中 小 分享到：", "A- A+"]),
        ("share", ["Compartilhe esta notícia no WhatsApp", "Listen to this article 3:20", "2 minuti di lettura", "REKLAMA"]),
        ("promotion", ["📲 Clique aqui para seguir o canal do Portal no WhatsApp", "Подпишитесь на наш канал"]),
        ("promotion", ["Dalsza część artykułu pod materiałem wideo", "Subscribe to our channel on Telegram for more"]),
        ("navigation", ["READ ALSO: Ledger room closes", "Lees ook: De kamer sluit", "【延伸閱讀】帳簿室開放", "Most read"]),
        ("navigation", ["Skip to main content", "Przejdź na stronę główną", "WATCH | The ledger room from above"]),
        ("legal", ["All rights reserved. This material may not be rewritten.", "Все права защищены", "不得轉載"]),
        ("contact", ["Tip of fout? Mail de redactie: redactie@quay.example", "editor@quay.example"]),
        ("keywords", ["#ledger #quay", "Topics: #ledger #quay"]),
        ("other", ["Edited by: Ada Quill", "[责任编辑：唐小苑]", "(ATTN: ADDS details in para 5)", "Vu 14 902 fois"]),
        (None, ["The ledger room is open to readers.", "Share prices fell on Monday.", "Ledger room opens"]),
        (None, ["Readers follow the channel to the sea.", "Comments on the plan were few, the office said."]),
        (None, ["She can be reached at home, he said.", "Copies of the list lie in the hall.", ""]),
    ],
)  # fmt: skip
def test_what_a_line_is_of_a_page_s_furniture(kind: str | None, lines: list[str]) -> None:
    """Buttons, calls, related articles, legal lines; what only has such words in it is none."""
    assert {furniture(line) for line in lines} == {kind}


def test_labels_initials_and_notes() -> None:
    """What stands for a list, who signed, what a newsroom says of a text."""
    assert all(map(is_label, ("Most read", "LEIA TAMBÉM:", "Читайте также", "أخبار ذات صلة")))
    assert not any(map(is_label, ("Most read it at night", "Ledger room opens")))
    assert all(map(is_initials, ("(r.p.)", "(rhd/ink)", "[AQ]", "jc (epo, dpo)")))
    assert not is_initials("(the harbour office)")
    assert is_note("Correction, May 23, 2024: An earlier version misstated the number of volumes.")
    assert not is_note("Corrections to the list will be made in spring.")


def test_long_lines_cost_no_time() -> None:
    """Whatever they are made of."""
    for line in ("share " * 100_000, "a" * 1_000_000, "#a " * 300_000, "x@" * 300_000):
        furniture(line)
