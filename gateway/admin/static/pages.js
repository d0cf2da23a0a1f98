// What the pages do beyond links and forms; everything works without it.
"use strict";

// on a phone the menu begins closed, and so do filters that filter nothing yet
if (matchMedia("(max-width: 46rem)").matches) {
  const folded = document.querySelectorAll("details.menu, details.choices:not([data-kept])");
  folded.forEach((each) => each.removeAttribute("open"));
}

// "/" to search, "j" and "k" to move through the rows of the first table, Enter to open
(() => {
  let at = -1;
  const rows = () => [...document.querySelectorAll("table[data-rows] tbody tr")];
  const typing = (target) => target.closest("input, select, textarea, [contenteditable]");
  const move = (by) => {
    const all = rows();
    if (!all.length) return;
    all.forEach((row) => row.classList.remove("here"));
    at = Math.min(Math.max(at + by, 0), all.length - 1);
    const row = all[at];
    row.classList.add("here");
    row.scrollIntoView({ block: "nearest" });
    const link = row.querySelector("a") || row.querySelector("input, button");
    if (link) link.focus({ preventScroll: true });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (!search) return;
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "j" || event.key === "k") {
      event.preventDefault();
      move(event.key === "j" ? 1 : -1);
    }
  });
})();

// a form is sent once: a second press of the button while the first is under way does nothing
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 5000);
});
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// a form with data-preview shows what it would do as it is typed, in the element that it names
(() => {
  for (const form of document.querySelectorAll("form[data-preview]")) {
    const shown = document.getElementById(form.dataset.shown);
    let wait, asked;
    const ask = async () => {
      if (asked) asked.abort();
      asked = new AbortController();
      const own = asked;
      shown.setAttribute("aria-busy", "true");
      try {
        const body = new URLSearchParams(new FormData(form));
        body.set("part", "1");
        const answer = await fetch(form.dataset.preview, { method: "POST", body, signal: own.signal });
        if (answer.redirected) throw new Error("Your session has ended: send the form to keep it.");
        const focus = shown.contains(document.activeElement) && document.activeElement.id;
        shown.innerHTML = await answer.text();
        if (focus) document.getElementById(focus)?.focus();
      } catch (error) {
        if (error.name === "AbortError") return;
        shown.textContent = "No preview: " + error.message;
      }
      shown.removeAttribute("aria-busy");
    };
    form.addEventListener("input", (event) => {
      if ("quiet" in event.target.dataset) return;
      clearTimeout(wait);
      wait = setTimeout(ask, 300);
    });
  }
})();

// a form with data-unsaved holds what is nowhere else ("1": from the beginning): leaving it asks first
for (const form of document.querySelectorAll("form[data-unsaved]")) {
  let unsaved = form.dataset.unsaved === "1";
  form.addEventListener("input", () => (unsaved = true));
  form.addEventListener("submit", () => (unsaved = false));
  window.addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
}
