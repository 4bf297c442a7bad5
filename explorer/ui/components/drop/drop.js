/** A place for a photo from outside: dropped, pasted or chosen. Its bytes go to Python, as they are. */

import { toBase64 } from "../common/base64.js";
import { make } from "../common/elements.js";
import { attach, send } from "../common/events.js";
import { mounted } from "../common/mount.js";

/** @import { Addressed, Component } from "../common/types.js" */

/** @typedef {Addressed & {text: string}} DropData */

const MOST = 30 * 2 ** 20; // bytes

class Drop {
  /** @param {Component<DropData>} component */
  constructor(component) {
    this.component = component;
    this.root = make("label", "explorer-drop");
    this.input = make("input");
    this.input.type = "file";
    this.input.accept = "image/*";
    this.input.setAttribute("aria-label", "A photo to search by");
    this.text = make("span");
    this.text.setAttribute("role", "status");
    this.root.append(this.input, this.text);
    this.input.addEventListener("change", () => {
      this.#send(this.input.files?.[0]);
      this.input.value = ""; // so that the same file can be chosen again
    });
    this.root.addEventListener("dragover", (event) => {
      event.preventDefault();
      this.root.classList.add("over");
    });
    this.root.addEventListener("dragleave", () => this.root.classList.remove("over"));
    this.root.addEventListener("drop", (event) => {
      event.preventDefault();
      this.root.classList.remove("over");
      this.#send(event.dataTransfer?.files[0]);
    });
    /** @param {ClipboardEvent} event */
    this.pasted = (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find((each) =>
        each.type.startsWith("image/"),
      );
      if (file) this.#send(file);
    };
    document.addEventListener("paste", this.pasted);
  }

  /** @param {Component<DropData>} component */
  update(component) {
    this.component = component;
    attach(component);
    this.text.textContent = component.data.text;
    this.root.dataset.ready = "";
  }

  /** @param {File} [file] */
  async #send(file) {
    if (!file) return;
    if (file.size > MOST) {
      this.text.textContent = `${file.name} has more than ${MOST / 2 ** 20} MB. Choose a smaller one.`;
      return;
    }
    this.text.textContent = `Looking at ${file.name} …`;
    const bytes = toBase64(new Uint8Array(await file.arrayBuffer()));
    send(this.component, "photo", { name: file.name, bytes });
  }

  destroy() {
    document.removeEventListener("paste", this.pasted);
  }
}

export default await mounted(import.meta.url, {
  styles: ["drop.css"],
  create: (component) => new Drop(component),
  leave: (widget) => widget.destroy(),
});
