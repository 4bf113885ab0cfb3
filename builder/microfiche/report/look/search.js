(() => {
  "use strict";
  const box = document.getElementById("search");
  const told = document.getElementById("found");
  if (!box) return;
  const articles = [...document.querySelectorAll("#articles > tbody")];
  let words;
  box.parentElement.hidden = false;
  box.addEventListener("input", () => {
    words ??= articles.map((each) => each.rows[0].textContent.toLowerCase());
    const wanted = box.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    articles.forEach((each, place) => {
      each.hidden = !wanted.every((word) => words[place].includes(word));
      found += each.hidden ? 0 : 1;
    });
    told.textContent = `${found} of ${articles.length} articles`;
  });
  const open = () => {
    let name = location.hash.slice(1);
    try {
      name = decodeURIComponent(name);
    } catch {
      return;
    }
    const place = document.getElementById(name);
    const inside = place && place.querySelector("details");
    if (inside) inside.open = true;
  };
  addEventListener("hashchange", open);
  open();
})();
