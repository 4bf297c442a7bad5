/** The types that the map's files share; what Python sends is made by `__init__.py`. */

/** @typedef {[x: number, y: number]} Point in map units, or in pixels from the top left */

/** @typedef {{minX: number, maxX: number, minY: number, maxY: number}} Area in map units */

/** @typedef {"replace" | "add" | "subtract" | "intersect"} Mode what a lasso does to a selection */

/** @typedef {{url: string} | {bits: string}} RowSet base64 of its bits; large ones by URL */

/** @typedef {{name: string, count: number, color: string}} Category its colour is `#rrggbb` */

/**
 * @typedef {Object} Colored what both kinds of colouring say
 * @property {string} url of the column's values
 * @property {string} title
 * @property {string} [missing] what to call images without a value
 */

/**
 * @typedef {Colored & {kind: "category", distinct: number, categories: Category[]}} ByCategory
 * @typedef {Colored & {kind: "number", range: [number, number], ramp: string[]}} ByNumber
 * @typedef {ByCategory | ByNumber} Color
 */

/** @typedef {{row: number, text: string, size: number}} Label a name at the place of a row */

/**
 * @typedef {Object} MapData what Python sends; places, ids and values by URL, all with `n` rows
 * @property {import("../common/types.js").Address} to
 * @property {number} n
 * @property {string} x
 * @property {string} y
 * @property {string | null} z
 * @property {string} ids
 * @property {Color} color
 * @property {string} thumb a URL with {id} in it
 * @property {number | null} query a row
 * @property {number[]} neighbors rows
 * @property {RowSet | null} selection
 * @property {string} selected what the selection is called
 * @property {RowSet | null} filter
 * @property {Label[]} labels
 * @property {[row: number, turn: number] | null} look
 * @property {string | null} link
 * @property {number} height
 * @property {string} label
 * @property {string} [hint]
 */

export {};
