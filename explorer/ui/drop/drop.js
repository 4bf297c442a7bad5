/** A place for a photo from outside: dropped, pasted or chosen. Its bytes go to Python, as they are. */

import { attach, send } from "../common/events.js";

const MOST = 30 * 2 ** 20; // bytes
const CHUNK = 0x8000; // String.fromCharCode takes its bytes as arguments, which are limited

const styles = new CSSStyleSheet();
styles.replaceSync(await (await fetch(new URL("drop.css", import.meta.url))).text());

function toBase64(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += CHUNK) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + CHUNK)));
  }
  return btoa(parts.join(""));
}

class Drop {
  constructor() {
    this.root = document.createElement("label");
    this.root.className = "explorer-drop";
    this.input = document.createElement("input");
    this.input.type = "file";
    this.input.accept = "image/*";
    this.input.setAttribute("aria-label", "A photo to search by");
    this.text = document.createElement("span");
    this.text.setAttribute("role", "status");
    this.root.append(this.input, this.text);
    this.input.addEventListener("change", () => {
      this.#send(this.input.files[0]);
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
      this.#send(event.dataTransfer.files[0]);
    });
    this.pasted = (event) => {
      const file = [...(event.clipboardData?.files ?? [])].find((each) =>
        each.type.startsWith("image/"),
      );
      if (file) this.#send(file);
    };
    document.addEventListener("paste", this.pasted);
  }

  update(component) {
    this.component = component;
    attach(component);
    this.text.textContent = component.data.text;
    this.root.dataset.ready = "";
  }

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

export default function render(component) {
  const shadow = component.parentElement;
  const mount = shadow.querySelector(".mount");
  if (!mount.widget) {
    shadow.adoptedStyleSheets = [styles];
    mount.widget = new Drop();
    mount.append(mount.widget.root);
  }
  mount.widget.update(component);
  return () => {
    if (mount.isConnected) return;
    mount.widget?.destroy();
    delete mount.widget;
  };
}
