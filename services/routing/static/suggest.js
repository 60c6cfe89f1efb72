// Suggested addressees on the review screen. Without this file their boxes are sent as they are; with it they mirror the picker's:
//   a s d outside a field, or a click: take the first, second, third, or leave it again
(() => {
  "use strict";
  const suggested = Array.from(document.querySelectorAll("[data-suggested]"));
  const twin = (box) => document.querySelector(`[data-picker] input[name=addressees][value="${CSS.escape(box.value)}"]`);
  const pairs = suggested.map((box) => [box, twin(box)]).filter(([, other]) => other);

  // What was changed in the picker shows here; a box of ours that is being clicked has its new state already.
  function refresh(event) {
    if (suggested.includes(event.target)) return;
    pairs.forEach(([box, other]) => { box.checked = other.checked; });
  }

  function take(box, other) {
    other.checked = box.checked;
    other.dispatchEvent(new Event("change", { bubbles: true }));
  }

  pairs.forEach(([box, other]) => {
    box.removeAttribute("name");
    box.parentElement.querySelector("kbd").hidden = false;
    box.addEventListener("change", () => take(box, other));
  });
  ["click", "keyup", "change"].forEach((name) => document.addEventListener(name, refresh));

  document.addEventListener("keydown", (event) => {
    const off = (() => { try { return localStorage.getItem("zhida-keys-off") === "1"; } catch { return false; } })();
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || off) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("textarea, select, input:not([type=checkbox], [type=radio])")) return;
    const pair = pairs.find(([box]) => box.dataset.suggested === event.key);
    if (!pair) return;
    event.preventDefault();
    pair[0].checked = !pair[0].checked;
    take(...pair);
  });
})();
