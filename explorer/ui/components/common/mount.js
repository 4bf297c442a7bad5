/**
 * What Streamlit calls, for a component whose code is a widget: a class with a `root` for the page
 * and an `update` that takes what Streamlit hands over.
 */

/** @import { Component } from "./types.js" */

/**
 * @param {string} module the address of the component's module
 * @param {string[]} names of the style sheets beside it
 * @returns {Promise<CSSStyleSheet[]>}
 */
const stylesOf = (module, names) =>
  Promise.all(
    names.map(async (name) => {
      const response = await fetch(new URL(name, module));
      return new CSSStyleSheet().replace(await response.text());
    }),
  );

/**
 * What a component's module exports: called at mount and at every change of data or theme, with the
 * same parent element. The widget outlives reruns; `leave` is called when the page is left.
 *
 * @template Data
 * @template {{root: Node, update(component: Component<Data>): unknown}} Widget
 * @param {string} module the address of the component's module
 * @param {{styles: string[], create: (component: Component<Data>) => Widget, leave?: (widget: Widget) => void}} parts
 */
export async function mounted(module, { styles, create, leave }) {
  const sheets = await stylesOf(module, styles);
  /** @param {Component<Data>} component */
  return (component) => {
    const shadow = component.parentElement;
    /** @type {(Element & {widget?: Widget}) | null} */
    const mount = shadow.querySelector(".mount");
    if (!mount) throw new Error("The page has no place for this component.");
    if (!mount.widget) {
      shadow.adoptedStyleSheets = sheets;
      mount.widget = create(component);
      mount.append(mount.widget.root);
    }
    mount.widget.update(component);
    return () => {
      // Streamlit also calls this when a newer render overtook this one: then it is still in use.
      if (mount.isConnected || !mount.widget) return;
      leave?.(mount.widget);
      delete mount.widget;
    };
  };
}
