// What a plain page cannot do by itself: printing and copying. Without this script the buttons stay hidden.
"use strict";

for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

if (navigator.clipboard) {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copies]");
    if (!button) return;
    await navigator.clipboard.writeText(new URL(button.dataset.copies, document.baseURI).href);
    const said = button.textContent;
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
  for (const button of document.querySelectorAll("[data-copies]")) button.hidden = false;
}
