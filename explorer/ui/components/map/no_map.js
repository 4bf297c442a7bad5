/** What stands where a map cannot be drawn: words that say so. */

import { attach } from "../common/events.js";

/** @import { Component } from "../common/types.js" */
/** @import { Frame } from "./frame.js" */
/** @import { MapData } from "./types.js" */

export class NoMap {
  /**
   * @param {Frame} frame
   * @param {string} why
   */
  constructor(frame, why) {
    this.frame = frame;
    this.root = frame.root;
    frame.say(why);
  }

  /** @param {Component<MapData>} component */
  update(component) {
    attach(component);
    this.frame.describe(component.data);
  }
}
