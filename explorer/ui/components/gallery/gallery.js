import { mounted } from "../common/mount.js";
import { GalleryWidget } from "./widget.js";

export default await mounted(import.meta.url, {
  styles: ["gallery.css", "cell.css"],
  create: (component) => new GalleryWidget(component),
  leave: (widget) => widget.destroy(),
});
