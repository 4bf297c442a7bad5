/** The line over the grid: how many, tick all, whole photos or squares, how large. */

import { make } from "../common/elements.js";

const SMALLEST = 72;
const LARGEST = 320;

/** @typedef {{size: number, whole: boolean}} Settings */

/**
 * Settings of a gallery, remembered in this browser.
 * @param {string} key
 * @param {Settings} otherwise
 */
export function recall(key, otherwise) {
  const name = `explorer.gallery.${key}`;
  const settings = { ...otherwise };
  try {
    /** @type {{size?: unknown, whole?: unknown}} */
    const kept = JSON.parse(localStorage.getItem(name) ?? "{}");
    if (typeof kept.size === "number") settings.size = kept.size;
    if (typeof kept.whole === "boolean") settings.whole = kept.whole;
  } catch {
    // Storage may be off, or hold something else: then nothing is remembered.
  }
  const remember = () => {
    try {
      localStorage.setItem(name, JSON.stringify({ size: settings.size, whole: settings.whole }));
    } catch {
      // As above.
    }
  };
  return Object.assign(settings, { remember });
}

/**
 * @param {string} className
 * @param {string} text
 * @param {() => void} action
 */
function button(className, text, action) {
  const element = make("button", className, text);
  element.addEventListener("click", action);
  return element;
}

/**
 * @param {Settings & {remember: () => void}} settings changed in place
 * @param {{size: () => void, whole: () => void, tickAll: () => void, untickAll: () => void}} actions
 */
export function createToolbar(settings, actions) {
  const element = make("div", "toolbar");
  const status = make("span", "status");
  status.setAttribute("role", "status");
  const tickAll = button("text", "Tick all", actions.tickAll);
  const untickAll = button("text", "Untick all", actions.untickAll);

  const whole = button("text", "Whole photos", () => {
    settings.whole = !settings.whole;
    whole.setAttribute("aria-pressed", String(settings.whole));
    settings.remember();
    actions.whole();
  });
  whole.title = "Show whole photos instead of squares cut from their middle";
  whole.setAttribute("aria-pressed", String(settings.whole));

  const slider = make("input");
  slider.type = "range";
  slider.min = String(SMALLEST);
  slider.max = String(LARGEST);
  slider.value = String(settings.size);
  slider.title = "Size of the photos";
  slider.setAttribute("aria-label", "Size of the photos");
  slider.addEventListener("input", () => {
    settings.size = Number(slider.value);
    settings.remember();
    actions.size();
  });

  const look = make("span", "look");
  look.append(whole, slider);
  element.append(status, tickAll, untickAll, look);

  /**
   * @param {number} total
   * @param {number} ticked
   */
  function tell(total, ticked) {
    const images = `${total.toLocaleString("en")} ${total === 1 ? "image" : "images"}`;
    status.textContent = ticked ? `${images} · ${ticked.toLocaleString("en")} ticked` : images;
    tickAll.hidden = ticked === total;
    untickAll.hidden = !ticked;
    element.hidden = !total;
  }
  return { element, tell };
}
