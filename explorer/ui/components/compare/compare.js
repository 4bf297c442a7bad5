import { mounted } from "../common/mount.js";
import { CompareWidget } from "./widget.js";

export default await mounted(import.meta.url, {
  styles: ["compare.css"],
  create: () => new CompareWidget(),
});
