/** What Streamlit calls: at mount and at every change of data or theme with the same parent element. */

import { GalleryWidget } from "./widget.js";

const styles = new CSSStyleSheet();
styles.replaceSync(await (await fetch(new URL("gallery.css", import.meta.url))).text());

export default function render(component) {
  const shadow = component.parentElement;
  const mount = shadow.querySelector(".mount");
  if (!mount.widget) {
    shadow.adoptedStyleSheets = [styles];
    mount.widget = new GalleryWidget();
    mount.append(mount.widget.root);
  }
  mount.widget.update(component);
  return () => {
    // Streamlit also calls this when a newer render overtook this one: then it is still in use.
    if (!mount.isConnected) mount.widget?.destroy();
  };
}
