// Keyboard handling, driven by data attributes; every page works without it.
//   [data-key-list] holds [data-key-item]s, each with a link [data-key-open]:  j k Enter
//   [data-key-search]: /   [data-key-next]: n   form[data-key-submit]: Ctrl+Enter in one of its fields   ?: help
(() => {
  "use strict";
  const KEEP = "zhida-keys-off";
  const find = (selector, inside = document) => inside.querySelector(selector);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  let chosen = null;

  function isOff() {
    try { return localStorage.getItem(KEEP) === "1"; } catch { return false; }
  }

  function remember(off) {
    try { off ? localStorage.setItem(KEEP, "1") : localStorage.removeItem(KEEP); } catch { /* private window */ }
  }

  function isText(element) {
    return element.isContentEditable || element.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=button], [type=submit])");
  }

  function choose(step) {
    const items = all("[data-key-list] [data-key-item]");
    if (!items.length) return false;
    const at = items.indexOf(chosen);
    const next = items[Math.min(items.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : items.length - 1) : at + step))];
    if (chosen) chosen.classList.remove("chosen");
    chosen = next;
    chosen.classList.add("chosen");
    const link = find("[data-key-open]", chosen);
    if (link) link.focus({ preventScroll: true });
    chosen.scrollIntoView({ block: "nearest" });
    return true;
  }

  function open() {
    const link = chosen && find("[data-key-open]", chosen);
    if (!link || document.activeElement === link) return false; // a focused link opens by itself
    link.click();
    return true;
  }

  function press(selector) {
    const target = find(selector);
    if (!target) return false;
    if (target.matches("input")) { target.focus(); target.select(); } else target.click();
    return true;
  }

  function help() {
    const dialog = find("dialog#keys");
    if (!dialog || !dialog.showModal) return false;
    if (!dialog.open) dialog.showModal();
    return true;
  }

  const KEYS = {
    j: () => choose(1),
    k: () => choose(-1),
    Enter: open,
    n: () => press("[data-key-next]"),
    "/": () => press("[data-key-search]"),
    "?": help,
  };

  function submit(event) {
    const form = event.target.closest && event.target.closest("form[data-key-submit]");
    if (!form) return false;
    form.requestSubmit();
    return true;
  }

  document.addEventListener("keydown", (event) => {
    // While an input method composes, every key belongs to it (229 is what older browsers say instead).
    if (event.isComposing || event.keyCode === 229 || event.defaultPrevented || isOff()) return;
    let handled = false;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) handled = submit(event);
    else if (event.ctrlKey || event.metaKey || event.altKey || isText(event.target) || find("dialog[open]")) return;
    else if (event.key === "Enter" && event.target.closest("a, button, summary")) return;
    else if (Object.hasOwn(KEYS, event.key)) handled = KEYS[event.key]();
    if (handled) event.preventDefault();
  });

  function start() {
    all("[data-key-help]").forEach((button) => {
      button.hidden = false;
      button.addEventListener("click", help);
    });
    all("[data-key-switch]").forEach((box) => {
      box.checked = !isOff();
      box.addEventListener("change", () => remember(!box.checked));
    });
    all("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));
    const summary = find("[data-focus]");
    if (summary) summary.focus();
  }

  // The menu's list closes as menus do: by Escape, which gives the focus back, and by a press anywhere else.
  document.addEventListener("keydown", (event) => {
    const list = event.key === "Escape" && find("details[data-closes][open]");
    if (list) { list.open = false; find("summary", list).focus(); }
  });
  document.addEventListener("click", (event) => all("details[data-closes][open]").forEach((list) => {
    if (!list.contains(event.target)) list.open = false;
  }));

  // A form is sent once: a second press while the first is on its way would register the petition twice.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    else if (event.target.method === "post") {
      event.target.dataset.sent = "1";
      setTimeout(() => delete event.target.dataset.sent, 5000); // an answer that is a download leaves the page standing
    }
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  start();
})();
