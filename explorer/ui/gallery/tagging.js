/** The tags of the photos: a dot on the photo for each; digits give and take them. */

import { Ticks } from "./ticks.js";

const markOf = (tag, id) => `${tag}:${id}`;

export class Tagging {
  /** @param {(change: {on: string[], off: string[]}) => void} send marks are "tag:image" */
  constructor(send) {
    this.tags = [];
    this.marks = new Ticks(send);
  }

  /** @param {Array<[string, string, number[]]>} tags name, colour and images of each, by Python */
  confirm(tags) {
    this.tags = tags;
    this.marks.confirm(tags.flatMap(([, , ids], tag) => ids.map((id) => markOf(tag, id))));
  }

  /** Gives a photo the tag of a digit, or takes it off. Python says so if there is no such tag. */
  toggle(id, digit) {
    const mark = markOf(digit - 1, id);
    this.marks.set([mark], !this.marks.has(mark));
  }

  show(cell) {
    const found = this.tags.filter((_, tag) => this.marks.has(markOf(tag, cell.dataset.id)));
    const dots = found.map(([name, colour]) => {
      const dot = document.createElement("span");
      dot.className = "dot";
      dot.style.background = colour;
      dot.title = name;
      return dot;
    });
    cell.querySelector(".tags").replaceChildren(...dots);
    const names = found.length ? `, tagged ${found.map(([name]) => name).join(", ")}` : "";
    cell.setAttribute("aria-label", cell.dataset.name + names);
  }
}
