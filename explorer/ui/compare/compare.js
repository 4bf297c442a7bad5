/** What Streamlit calls: at mount and at every change of data or theme with the same parent element. */

import { CompareWidget } from "./widget.js";

const styles = new CSSStyleSheet();
styles.replaceSync(await (await fetch(new URL("compare.css", import.meta.url))).text());

export default function render(component) {
  const shadow = component.parentElement;
  const mount = shadow.querySelector(".mount");
  if (!mount.widget) {
    shadow.adoptedStyleSheets = [styles];
    mount.widget = new CompareWidget();
    mount.append(mount.widget.root);
  }
  mount.widget.update(component.data);
}
