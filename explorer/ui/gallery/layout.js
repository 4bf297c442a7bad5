/** Where the cells of the grid are, from the width of the frame and the wished size of a cell. */

const GAP = 10;
const CAPTION = 24; // pixels under the photo
const NOTE_LINE = 16;

export class Layout {
  /**
   * `fill`: the cells grow until a line is full; otherwise they are as large as wished.
   * @param {{count: number, width: number, size: number, fill: boolean, captions: boolean, noteLines: number}} of
   */
  constructor({ count, width, size, fill, captions, noteLines }) {
    this.count = count;
    this.columns = Math.max(1, Math.floor((width + GAP) / (size + GAP)));
    const full = Math.floor((width - GAP * (this.columns - 1)) / this.columns);
    this.cellWidth = fill ? full : Math.min(full, size);
    this.cellHeight = this.cellWidth + (captions ? CAPTION : 0) + noteLines * NOTE_LINE;
    this.lines = Math.ceil(count / this.columns);
  }

  get lineHeight() {
    return this.cellHeight + GAP;
  }

  get height() {
    return Math.max(0, this.lines * this.lineHeight - GAP);
  }

  place(index) {
    const line = Math.floor(index / this.columns);
    return { left: (index % this.columns) * (this.cellWidth + GAP), top: line * this.lineHeight };
  }

  /** First and one past the last index to have in the page, with a line to spare at both ends. */
  window(scrollTop, frameHeight) {
    const first = Math.max(0, Math.floor(scrollTop / this.lineHeight) - 1);
    const last = Math.ceil((scrollTop + frameHeight) / this.lineHeight) + 1;
    return [first * this.columns, Math.min(this.count, last * this.columns)];
  }

  /** Lines that fit the frame: how far Page Down goes. */
  linesIn(frameHeight) {
    return Math.max(1, Math.floor(frameHeight / this.lineHeight));
  }
}
