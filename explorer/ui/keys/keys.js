/** Keys that work everywhere on the page, and the overlay that tells of all keys. */

import { attach, drawn, send } from "../common/events.js";

const styles = new CSSStyleSheet();
styles.replaceSync(await (await fetch(new URL("keys.css", import.meta.url))).text());

const COMMAND = /Mac|iP(hone|ad)/.test(navigator.platform) ? "⌘" : "Ctrl";

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

function make(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function tableOf(keys) {
  const list = make("dl", "");
  for (const [key, does] of keys) {
    const name = make("dt", "");
    name.append(make("kbd", "", key));
    list.append(name, make("dd", "", does));
  }
  return list;
}

export class Keys {
  static listening = null; // the one that the page has

  constructor() {
    this.button = make("button", "open", "?");
    this.button.type = "button";
    this.button.title = "Keyboard shortcuts (?)";
    this.button.setAttribute("aria-label", "Keyboard shortcuts");
    this.button.onclick = () => this.#show();
    this.dialog = make("dialog", "");
    this.dialog.setAttribute("aria-label", "Keyboard shortcuts");
    this.dialog.onclick = (event) => event.target === this.dialog && this.dialog.close();
    this.listen = (event) => this.#key(event);
  }

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
    const head = make("header", "");
    const close = make("button", "close", "×");
    close.type = "button";
    close.setAttribute("aria-label", "Close");
    close.onclick = () => this.dialog.close();
    head.append(make("h2", "", "Keys"), close);
    const parts = KEYS.map(([title, keys]) => {
      const part = make("section", "");
      part.append(make("h3", "", title), tableOf(keys));
      return part;
    });
    const named = make("section", "");
    named.append(make("h3", "", "Tags"));
    if (tags.length) named.append(tableOf(tags.map((tag, at) => [String(at + 1), tag.name])));
    else named.append(make("p", "", "There are none yet: make a tag on the page Selection."));
    named.querySelectorAll("kbd").forEach((key, at) => {
      key.style.borderColor = tags[at].colour;
    });
    const body = make("div", "body");
    body.append(...parts, named);
    this.dialog.replaceChildren(head, body);
    this.dialog.showModal();
  }

  #key(event) {
    const target = event.composedPath()[0];
    if (this.dialog.open || event.defaultPrevented || target.closest?.(TYPING)) return;
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

  /** The tag that the page shows for the digit, by its id and the name that was seen. */
  #tag(digit) {
    const tag = this.component.data.tags[digit - 1];
    if (tag) this.#do("tag selection", { tag: [tag.id, tag.name] });
    else this.#do("no tag", { digit });
  }

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

export default function render(component) {
  const shadow = component.parentElement;
  const mount = shadow.querySelector(".mount");
  if (!mount.keys) {
    shadow.adoptedStyleSheets = [styles];
    mount.keys = new Keys();
    mount.append(mount.keys.button, mount.keys.dialog);
  }
  mount.keys.update(component);
  return () => {
    // Streamlit also calls this when a newer render overtook this one: then it is still in use.
    if (!mount.isConnected) mount.keys?.leave();
  };
}
