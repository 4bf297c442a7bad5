/** Where the cells of the grid are, from the width of the frame and the wished size of a cell. */

/** @typedef {Pick<Element, "clientWidth" | "clientHeight" | "scrollLeft" | "scrollTop">} Frame */

const GAP = 10;
const CAPTION = 24; // pixels under the photo
const NOTE_LINE = 16;

export class Layout {
  /**
   * `fill`: the cells grow until a line is full; otherwise they are as large as wished.
   * `strip`: all photos in one line, which is scrolled to the side.
   * @param {{count: number, width: number, size: number, fill: boolean, strip: boolean,
   *   captions: boolean, noteLines: number}} of
   */
  constructor({ count, width, size, fill, strip, captions, noteLines }) {
    this.count = count;
    this.strip = strip;
    const fitting = Math.max(1, Math.floor((width + GAP) / (size + GAP)));
    this.columns = strip ? Math.max(1, count) : fitting;
    const full = Math.floor((width - GAP * (fitting - 1)) / fitting);
    this.cellWidth = fill ? full : Math.min(full, size);
    this.cellHeight = this.cellWidth + (captions ? CAPTION : 0) + noteLines * NOTE_LINE;
    this.lines = Math.ceil(count / this.columns);
  }

  get columnWidth() {
    return this.cellWidth + GAP;
  }

  get lineHeight() {
    return this.cellHeight + GAP;
  }

  get width() {
    return Math.max(0, this.columns * this.columnWidth - GAP);
  }

  get height() {
    return Math.max(0, this.lines * this.lineHeight - GAP);
  }

  /**
   * How much of so many pixels whole lines take; at least one does.
   * @param {number} room
   */
  whole(room) {
    const lines = Math.max(1, Math.floor((room + GAP) / this.lineHeight));
    return Math.min(this.height, lines * this.lineHeight - GAP);
  }

  /** @param {number} index */
  place(index) {
    const line = Math.floor(index / this.columns);
    return { left: (index % this.columns) * this.columnWidth, top: line * this.lineHeight };
  }

  /**
   * First and one past the last index to have in the page, with a line to spare at both ends.
   * @param {Frame} frame what the sheet scrolls in
   */
  window(frame) {
    const [start, length, step] = this.strip
      ? [frame.scrollLeft, frame.clientWidth, this.columnWidth]
      : [frame.scrollTop, frame.clientHeight, this.lineHeight];
    const each = this.strip ? 1 : this.columns;
    const first = Math.max(0, Math.floor(start / step) - 1);
    const last = Math.ceil((start + length) / step) + 1;
    return [first * each, Math.min(this.count, last * each)];
  }

  /**
   * How far a key goes, in photos; undefined for a key that goes nowhere.
   * @param {string} key
   * @param {Frame} frame
   * @returns {number | undefined}
   */
  stepOf(key, frame) {
    const line = this.strip ? 1 : this.columns;
    const page = this.strip
      ? Math.max(1, Math.floor(frame.clientWidth / this.columnWidth))
      : line * Math.max(1, Math.floor(frame.clientHeight / this.lineHeight));
    /** @type {Record<string, number>} */
    const steps = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: line,
      ArrowUp: -line,
      PageDown: page,
      PageUp: -page,
      Home: -Infinity,
      End: Infinity,
    };
    return steps[key];
  }

  /**
   * Scrolls a frame just far enough to show a photo.
   * @param {number} index
   * @param {Frame} frame
   */
  reveal(index, frame) {
    const { left, top } = this.place(index);
    const [right, bottom] = [left + this.cellWidth, top + this.cellHeight];
    if (top < frame.scrollTop) frame.scrollTop = top;
    else if (bottom > frame.scrollTop + frame.clientHeight) {
      frame.scrollTop = bottom - frame.clientHeight + 12;
    }
    if (!this.strip) return;
    if (left < frame.scrollLeft) frame.scrollLeft = left;
    else if (right > frame.scrollLeft + frame.clientWidth) {
      frame.scrollLeft = right - frame.clientWidth + 12;
    }
  }
}
