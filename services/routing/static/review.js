// The review screen's own keys; every part of it works without this file.
//   1-9 outside a field, or a click: put a standard phrase in      t, type a name, Enter: choose an addressee
(() => {
  "use strict";
  const all = (selector, inside = document) => Array.from(inside.querySelectorAll(selector));
  const target = document.querySelector("[data-phrase-target]");
  const phrases = all("[data-phrase]");

  // What is chosen takes its placeholder's place; what is still open is filled when the form is sent.
  function filled(phrase) {
    const chosen = all("[data-picker] [data-picker-option]").filter((option) => option.querySelector("input").checked);
    const each = (name) => [...new Set(chosen.map((option) => option.dataset[name]))].join("、");
    const days = document.querySelector("[name=limit_days]");
    const known = { unit: each("unit"), name: each("name"), days: days ? days.value : "" };
    return phrase.replace(/\{(unit|name|days)\}/g, (open, name) => known[name] || open);
  }

  function insert(button) {
    if (!target) return;
    const start = target.selectionStart ?? target.value.length;
    const end = target.selectionEnd ?? start;
    target.setRangeText(filled(button.dataset.phrase), start, end, "end");
    target.focus();
    keep();
  }

  phrases.forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => insert(button));
  });

  document.addEventListener("keydown", (event) => {
    const off = (() => { try { return localStorage.getItem("zhida-keys-off") === "1"; } catch { return false; } })();
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || off) return;
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.target.matches("textarea, select, input:not([type=checkbox], [type=radio])")) return;
    const button = /^[1-9]$/.test(event.key) && phrases[Number(event.key) - 1];
    if (button) { event.preventDefault(); insert(button); }
    const filter = event.key === "t" && document.querySelector("[data-picker-filter]");
    if (filter) { event.preventDefault(); filter.focus(); filter.select(); }
  });

  // What is being written survives a reload or a dropped connection, on this machine and in this session only.
  const form = target && target.form;
  const place = form && "zhida-draft " + new URL(form.action).pathname;
  function keep() {
    try { target.value ? sessionStorage.setItem(place, target.value) : sessionStorage.removeItem(place); } catch { /* no store */ }
  }
  if (form) {
    try { if (!target.value) target.value = sessionStorage.getItem(place) || ""; } catch { /* no store */ }
    target.addEventListener("input", keep);
    form.addEventListener("submit", () => { try { sessionStorage.removeItem(place); } catch { /* no store */ } });
  }

  all("[data-picker]").forEach((picker) => {
    const filter = picker.querySelector("[data-picker-filter]");
    const chosen = picker.querySelector("[data-picker-chosen]");
    const options = all("[data-picker-option]", picker);
    const boxOf = (option) => option.querySelector("input");

    function narrow() {
      const words = filter.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
      options.forEach((option) => {
        const text = option.dataset.pickerOption.toLowerCase();
        option.hidden = !words.every((word) => text.includes(word));
      });
      all("fieldset", picker).forEach((group) => {
        group.hidden = !all("[data-picker-option]", group).some((option) => !option.hidden);
      });
    }

    function show() {
      chosen.replaceChildren(...options.filter((option) => boxOf(option).checked).map((option) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = option.textContent.trim().replace(/\s+/g, " ") + " ×";
        button.addEventListener("click", () => { boxOf(option).checked = false; show(); });
        return button;
      }));
    }

    filter.addEventListener("input", narrow);
    filter.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      const first = options.find((option) => !option.hidden);
      if (!first || !filter.value.trim()) return;
      boxOf(first).checked = !boxOf(first).checked;
      filter.value = "";
      narrow();
      show();
      if (target) target.focus();
    });
    picker.addEventListener("change", show);
    show();
  });
})();
