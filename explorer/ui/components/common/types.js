/** The types that components share. */

/**
 * Where events go (`delivery.py`); part of the data of every component that has any.
 * @typedef {Object} Address
 * @property {string} url
 * @property {string} dataset
 * @property {Record<string, number>} [shown] the last event of each page's queue that the data show
 */

/** @typedef {{to: Address}} Addressed */

/**
 * What Streamlit hands over to a component's module.
 * @template Data
 * @typedef {Object} Component
 * @property {Data} data
 * @property {ShadowRoot} parentElement
 * @property {(name: string, value: unknown) => void} setTriggerValue
 */

export {};
