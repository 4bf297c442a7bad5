/** The types that the gallery's files share; what Python sends is made by `__init__.py`. */

/** @typedef {[id: number, caption?: string, badge?: string, tone?: string, note?: string]} ItemWire */

/** @typedef {{id: number, caption: string, badge: string, tone: string, note: string}} Item */

/** @typedef {[key: string, name: string, sign: string]} Action */

/** @typedef {[id: number, name: string, color: string, ids: number[]]} Tag */

/**
 * @typedef {Object} GalleryData what Python sends
 * @property {import("../common/types.js").Address} to
 * @property {ItemWire[]} items
 * @property {string} thumb a URL with {id} in it
 * @property {string} label
 * @property {number[]} ticked image ids
 * @property {string} empty
 * @property {number} size pixels of a cell, until the user moves the slider
 * @property {boolean} toolbar
 * @property {Action[]} actions
 * @property {Tag[]} tags a digit on the keyboard gives the first nine
 * @property {boolean} strip all photos in one line
 * @property {string} opens the event of a click on a photo
 * @property {number} height
 * @property {string} key
 */

/**
 * @typedef {Object} Shown what all cells have in common
 * @property {boolean} captions
 * @property {number} noteLines
 * @property {number} count
 * @property {string} thumb
 * @property {Action[]} actions
 * @property {boolean} fill
 * @property {boolean} strip
 */

export {};
