/** The line over the grid: how many, tick all, whole photos or squares, how large. */

const SMALLEST = 72;
const LARGEST = 320;

/** Settings of a gallery, remembered in this browser. */
export function recall(key, otherwise) {
  const name = `explorer.gallery.${key}`;
  const settings = { ...otherwise };
  try {
    Object.assign(settings, JSON.parse(localStorage.getItem(name) ?? "{}"));
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
  return Object.defineProperty(settings, "remember", { value: remember });
}

function button(className, text, action) {
  const element = document.createElement("button");
  element.type = "button";
  element.className = className;
  element.textContent = text;
  element.addEventListener("click", action);
  return element;
}

/**
 * @param {{size: number, whole: boolean, remember: () => void}} settings changed in place
 * @param {{size: () => void, whole: () => void, tickAll: () => void, untickAll: () => void}} actions
 */
export function createToolbar(settings, actions) {
  const element = document.createElement("div");
  element.className = "toolbar";
  const status = document.createElement("span");
  status.className = "status";
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

  const slider = document.createElement("input");
  slider.type = "range";
  slider.min = SMALLEST;
  slider.max = LARGEST;
  slider.value = settings.size;
  slider.title = "Size of the photos";
  slider.setAttribute("aria-label", "Size of the photos");
  slider.addEventListener("input", () => {
    settings.size = Number(slider.value);
    settings.remember();
    actions.size();
  });

  const look = document.createElement("span");
  look.className = "look";
  look.append(whole, slider);
  element.append(status, tickAll, untickAll, look);

  function tell(total, ticked) {
    const images = `${total.toLocaleString("en")} ${total === 1 ? "image" : "images"}`;
    status.textContent = ticked ? `${images} · ${ticked.toLocaleString("en")} ticked` : images;
    tickAll.hidden = ticked === total;
    untickAll.hidden = !ticked;
    element.hidden = !total;
  }
  return { element, tell };
}
