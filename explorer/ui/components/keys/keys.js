/** Keys that work everywhere on the page, and the overlay that tells of all keys. */

import { make } from "../common/elements.js";
import { attach, drawn, send } from "../common/events.js";
import { mounted } from "../common/mount.js";

/** @import { Addressed, Component } from "../common/types.js" */

/** @typedef {[key: string, does: string][]} KeyTable */

/** @typedef {Addressed & {tags: {id: number, name: string, color: string}[]}} KeysData */

const COMMAND = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘" : "Ctrl";

/** @type {[where: string, keys: KeyTable][]} */
const KEYS = [
  [
    "Everywhere",
    [
      ["?", "Show these keys"],
      [`${COMMAND} Z`, "Undo the last change of the selection, tags, groups or names"],
      [`${COMMAND} Shift Z`, "Do it again"],
      ["1 … 9", "Tag the selection"],
      ["Esc", "Close, or let go of the selection"],
    ],
  ],
  [
    "In a gallery",
    [
      ["← → ↑ ↓", "Go to another photo; Page up, Page down, Home, End go further"],
      ["Space", "Select the photo, or take it out"],
      ["Shift ← → ↑ ↓", "Select all on the way"],
      [`${COMMAND} A`, "Select all"],
      ["1 … 9", "Tag the photo, or take the tag off"],
      ["Shift 1 … 9", "Tag the selection"],
      ["Enter", "Make it the query: its neighbours"],
      ["Esc", "Take all of the gallery out of the selection"],
    ],
  ],
  [
    "On the map",
    [
      ["← → ↑ ↓", "Move; Shift and arrows turn a map in space"],
      ["+ −", "Zoom; 0 shows everything"],
      ["Space", "Select the photo in the middle, or take it out; hold it and drag to move"],
      ["Enter", "Make it the query"],
      ["1 … 9", "Tag the selection"],
      ["Shift, Alt", "Held while drawing or clicking: add, take out; both: keep what is in both"],
    ],
  ],
];

const TYPING =
  "input:not([type=range], [type=checkbox], [type=radio]), textarea, select, " +
  "[contenteditable=true], [role=combobox], [data-testid=stDataFrame]";

/** @param {KeyTable} keys */
function tableOf(keys) {
  const list = make("dl");
  for (const [key, does] of keys) {
    const name = make("dt");
    name.append(make("kbd", "", key));
    list.append(name, make("dd", "", does));
  }
  return list;
}

export class Keys {
  /** @type {Keys | null} the one that the page has */
  static listening = null;

  /** @param {Component<KeysData>} component */
  constructor(component) {
    this.component = component;
    this.button = make("button", "open", "?");
    this.button.title = "Keyboard shortcuts (?)";
    this.button.setAttribute("aria-label", "Keyboard shortcuts");
    this.button.onclick = () => this.#show();
    this.dialog = make("dialog");
    this.dialog.setAttribute("aria-label", "Keyboard shortcuts");
    this.dialog.onclick = (event) => {
      if (event.target === this.dialog) this.dialog.close();
    };
    /** @param {KeyboardEvent} event */
    this.listen = (event) => this.#key(event);
    this.root = document.createDocumentFragment();
    this.root.append(this.button, this.dialog);
  }

  /** @param {Component<KeysData>} component */
  update(component) {
    if (Keys.listening !== this) {
      Keys.listening?.destroy();
      Keys.listening = this;
      document.addEventListener("keydown", this.listen);
    }
    this.component = component;
    attach(component);
  }

  #show() {
    const { tags } = this.component.data;
    const head = make("header");
    const close = make("button", "close", "×");
    close.setAttribute("aria-label", "Close");
    close.onclick = () => this.dialog.close();
    head.append(make("h2", "", "Keys"), close);
    const parts = KEYS.map(([title, keys]) => {
      const part = make("section");
      part.append(make("h3", "", title), tableOf(keys));
      return part;
    });
    const named = make("section");
    named.append(make("h3", "", "Tags"));
    if (tags.length) named.append(tableOf(tags.map((tag, at) => [String(at + 1), tag.name])));
    else named.append(make("p", "", "There are none yet: make a tag on the page Selection."));
    named.querySelectorAll("kbd").forEach((key, at) => {
      key.style.borderColor = tags[at].color;
    });
    const body = make("div", "body");
    body.append(...parts, named);
    this.dialog.replaceChildren(head, body);
    this.dialog.showModal();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const [target] = event.composedPath(); // the event's own would be the host of a shadow tree
    const typing = target instanceof Element && target.closest(TYPING);
    if (this.dialog.open || event.defaultPrevented || typing) return;
    const command = event.ctrlKey || event.metaKey;
    const digit = /^(?:Digit|Numpad)([1-9])$/.exec(event.code)?.[1];
    const key = event.key.toLowerCase();
    if (command && key === "z") this.#do(event.shiftKey ? "redo" : "undo");
    else if (command && key === "y") this.#do("redo");
    else if (command || event.altKey) return;
    else if (event.key === "?") this.#show();
    else if (digit) this.#tag(Number(digit));
    else return;
    event.preventDefault();
  }

  /**
   * The tag that the page shows for the digit, by its id and the name that was seen.
   * @param {number} digit
   */
  #tag(digit) {
    const tag = this.component.data.tags[digit - 1];
    if (tag) this.#do("tag selection", { tag: [tag.id, tag.name] });
    else this.#do("no tag", { digit });
  }

  /**
   * @param {string} what
   * @param {object} [more]
   */
  #do(what, more) {
    send(this.component, what, more);
  }

  /** Streamlit may take the component out and put a new one in: until then this one listens. */
  async leave() {
    await drawn();
    if (Keys.listening === this) this.destroy();
  }

  destroy() {
    Keys.listening = null;
    document.removeEventListener("keydown", this.listen);
  }
}

export default await mounted(import.meta.url, {
  styles: ["keys.css"],
  create: (component) => new Keys(component),
  leave: (widget) => widget.leave(),
});
