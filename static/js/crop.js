// The photo that somebody has, framed: drag it, spread two fingers, or use the sliders. Without this script one types four numbers.
import { Frame } from "./frame.js";

for (const part of document.querySelectorAll("[data-crop]")) new Frame(part);
