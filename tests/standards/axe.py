"""axe-core over pages in a real browser, phone and desk, light and dark: no violation."""

from __future__ import annotations

import itertools
import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "builders"))

from browser import SCHEMES, SIZES, Opened, browser, shown
from cases import of_every_code

AXE, WORK = Path(sys.argv[1]), Path(sys.argv[2])
RUN = "async () => { const r = await axe.run(); return [r.violations, r.passes.length] }"
LEAST_RULES = 25

shutil.rmtree(WORK, ignore_errors=True)
WORK.mkdir(parents=True)
pages = [shown(WORK).root / "report.html", WORK / "every-code.html"]
pages[1].write_bytes(of_every_code())
found = []
with browser() as opened:
    for page_file, (width, height), scheme in itertools.product(pages, SIZES, SCHEMES):
        context = opened.new_context(
            viewport={"width": width, "height": height}, color_scheme=scheme, bypass_csp=True
        )
        page = Opened(context.new_page(), page_file).page
        for each in page.locator("details").all():
            each.evaluate("each => { each.open = true }")
        page.add_script_tag(path=AXE)
        violations, passed = page.evaluate(RUN)
        if passed < LEAST_RULES:
            found.append(f"only {passed} rules had something to look at")
        for each in violations:
            places = [node["target"] for node in each["nodes"][:3]]
            found.append(
                f"{page_file.stem} {width} {scheme} {each['id']}: {each['help']} {json.dumps(places)}"
            )
        context.close()
print("\n".join(found) or f"no violation at {len(SIZES)} widths, {' and '.join(SCHEMES)}")
sys.exit(bool(found))
