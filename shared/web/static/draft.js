// A form[data-draft] saves itself to that address while it is typed, and once more when the page is left. Without script
// the button "save draft" does the same. What must be typed each time, [data-unsaved], stays out of it.
// [data-draft-saved] tells when, [data-draft-failed] that it did not work.
(() => {
  "use strict";
  const PAUSE = 3000; // ms without a key before a save
  const LONGEST = 15000; // ms of steady typing before one

  function watch(form) {
    const saved = form.querySelector("[data-draft-saved]");
    const failed = form.querySelector("[data-draft-failed]");
    let dirty = false, timer = 0, since = 0, sent = false, busy = false;

    function typed() {
      const data = new FormData();
      const never = new Set(Array.from(form.querySelectorAll("[data-unsaved]"), (field) => field.name));
      for (const [name, value] of new FormData(form)) if (typeof value === "string" && !never.has(name)) data.append(name, value);
      data.append("by_itself", "1");
      return data;
    }

    function tell(worked) {
      failed.hidden = worked;
      if (!worked) return;
      saved.hidden = false;
      saved.querySelector("time").textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    }

    async function save() {
      if (!dirty || sent || busy) return;
      dirty = false;
      busy = true;
      let worked = false;
      try {
        const answer = await fetch(form.dataset.draft, { method: "POST", body: typed(), redirect: "manual" });
        worked = answer.status === 204;
      } catch { /* the network is away: what is typed stays in the page */ }
      busy = false;
      if (sent) return;
      tell(worked);
      if (!worked || dirty) later(!worked);
      if (!worked) dirty = true;
    }

    function later(failedBefore) {
      clearTimeout(timer);
      if (!since) since = Date.now();
      const pause = failedBefore ? LONGEST : Math.max(0, Math.min(PAUSE, since + LONGEST - Date.now()));
      timer = setTimeout(() => { since = 0; save(); }, pause);
    }

    function leave() {
      if (dirty && !sent) dirty = !navigator.sendBeacon(form.dataset.draft, typed());
    }

    form.addEventListener("input", () => { dirty = true; later(false); });
    form.addEventListener("submit", () => { sent = true; clearTimeout(timer); });
    document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") leave(); });
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", () => { sent = false; });
  }

  document.querySelectorAll("form[data-draft]").forEach(watch);
})();
