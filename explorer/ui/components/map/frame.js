/** The map's elements: the plot, the legend beside it, a line of words below, a message over all. */

import { make } from "../common/elements.js";

/** @import { MapData } from "./types.js" */

const KEYS =
  "Arrow keys move, plus and minus zoom, 0 shows everything, Enter opens the photo in the middle, " +
  "Space selects it, digits tag the selection, Escape lets go of the selection. Shift and arrow keys turn a map in space.";

export class Frame {
  constructor() {
    this.root = make("div", "explorer-map");
    this.stage = make("div", "stage");
    this.plot = make("div", "plot");
    this.plot.tabIndex = 0;
    this.plot.setAttribute("role", "application");
    this.plot.setAttribute("aria-description", KEYS);
    this.message = make("div", "message");
    this.message.setAttribute("role", "status");
    this.message.hidden = true;
    this.aside = make("aside", "legend");
    this.hint = make("span", "hint");
    this.status = make("span", "status");
    this.status.setAttribute("role", "status");
    const footer = make("footer");
    footer.append(this.hint, this.status);
    this.stage.append(this.plot, this.message);
    this.root.append(this.stage, this.aside, footer);
  }

  /** @param {MapData} data */
  describe(data) {
    // The page may say it otherwise, by the height of its window.
    this.root.style.height = `var(--map-height, ${data.height}px)`;
    this.hint.textContent = data.hint ?? "";
    this.plot.setAttribute("aria-label", data.label);
  }

  /**
   * Words instead of the map; with `again`, a button to try once more.
   * @param {string} text
   * @param {(() => void) | null} again
   */
  say(text, again = null) {
    this.message.replaceChildren(text);
    this.message.hidden = false;
    if (!again) return;
    const retry = make("button", "retry");
    retry.textContent = "Try again";
    retry.onclick = again;
    this.message.append(retry);
  }
}

/** @param {unknown} error */
export const reasonOf = (error) => (error instanceof Error ? error.message : String(error));
