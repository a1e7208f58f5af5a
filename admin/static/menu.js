// @ts-check
/** The menu that a right click, or the menu key, opens over the grid. */

/**
 * @param {HTMLElement} menu a popover with buttons in it, each with what it does in `data-deed`
 * @param {Record<string, () => void>} deeds
 * @param {() => void} back puts the focus where it was
 * @returns {(event: MouseEvent) => void} opens it where the event happened
 */
export function menuOf(menu, deeds, back) {
  const items = [...menu.querySelectorAll("button")];
  menu.addEventListener("click", (event) => {
    const deed = event.target instanceof Element && event.target.closest("[data-deed]")?.getAttribute("data-deed");
    if (!deed) return;
    menu.hidePopover();
    back();
    deeds[deed]?.();
  });
  menu.addEventListener("keydown", (event) => {
    const at = items.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement)), last = items.length - 1;
    const to = { ArrowDown: at < last ? at + 1 : 0, ArrowUp: at > 0 ? at - 1 : last, Home: 0, End: last }[event.key];
    if (to !== undefined) items[to].focus();
    else if (event.key === "Escape" || event.key === "Tab") menu.hidePopover(), back();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  return (event) => {
    menu.showPopover();
    const { width, height } = menu.getBoundingClientRect();
    menu.style.setProperty("left", `${Math.max(4, Math.min(event.clientX, innerWidth - width - 4))}px`);
    menu.style.setProperty("top", `${Math.max(4, Math.min(event.clientY, innerHeight - height - 4))}px`);
    items[0].focus();
    event.preventDefault();
  };
}
