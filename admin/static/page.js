// What a plain page cannot do by itself: printing, copying, and an address that keeps up with what is typed.
// Without this script the buttons stay hidden.
"use strict";

/** @param {string} kind */
const buttons = (kind) => /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll(`[${kind}]`));

for (const button of buttons("data-prints")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}

if (navigator.clipboard) {
  document.addEventListener("click", async (event) => {
    const button = event.target instanceof Element && event.target.closest("[data-copies]");
    if (!(button instanceof HTMLButtonElement)) return;
    await navigator.clipboard.writeText(new URL(button.dataset.copies ?? "", document.baseURI).href);
    const said = button.textContent;
    button.textContent = button.dataset.done ?? said;
    setTimeout(() => { button.textContent = said; }, 2000);
  });
  for (const button of buttons("data-copies")) button.hidden = false;
}

// What was typed of a case stands in the address, too, so that neither a reload nor the way back loses it.
document.addEventListener("htmx:after:swap", () => {
  const told = document.querySelector("[data-address]");
  if (told instanceof HTMLElement) history.replaceState(history.state, "", told.dataset.address);
  if (navigator.clipboard) for (const button of buttons("data-copies")) button.hidden = false;
});
