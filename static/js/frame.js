// Frames a photo: drag it, spread two fingers, or use the sliders.
// The four number fields are the truth, as fractions of the photo; without this script one types them.
const RATIO = 4 / 5;
// What the server makes of a photo: its longest side at most, and the narrowest frame that it accepts, in pixels.
export const LONGEST = 2400;
const NARROWEST = 400;

const between = (value, least, most) => Math.min(Math.max(value, least), Math.max(least, most));

export class Frame {
  constructor(part) {
    this.part = part;
    this.box = part.querySelector(".crop-frame");
    this.image = this.box.querySelector("img");
    this.held = new Map();
    this.changed = () => {};
    this.listen();
    this.box.hidden = false;
    part.querySelector("[data-crop-numbers]").hidden = true;
    part.querySelector("[data-crop-sliders]").hidden = false;
    const width = Number(this.image.getAttribute("width"));
    if (width) this.open(width, Number(this.image.getAttribute("height")), this.typed());
  }

  number(name) {
    return this.part.querySelector(`[name=${name}]`);
  }

  slider(name) {
    return this.part.querySelector(`[data-crop-${name}]`);
  }

  typed() {
    return { x: Number(this.number("x").value), y: Number(this.number("y").value), width: Number(this.number("width").value) };
  }

  // A photo of that many pixels. Without a crop: the largest frame, a little more room below than above, as on the server.
  open(width, height, crop) {
    this.shape = width / height / RATIO;
    this.widest = Math.min(1, 1 / this.shape);
    const scale = Math.min(1, LONGEST / Math.max(width, height));
    this.narrowest = Math.min(this.widest, Math.max(NARROWEST / (width * scale), this.widest / 4));
    const tall = this.widest * this.shape;
    this.crop = crop?.width ? crop : { x: (1 - this.widest) / 2, y: (1 - tall) * 0.35, width: this.widest };
    this.show();
  }

  get tall() {
    return this.crop.width * this.shape;
  }

  show() {
    const { crop, image } = this;
    crop.width = between(crop.width, this.narrowest, this.widest);
    crop.x = between(crop.x, 0, 1 - crop.width);
    crop.y = between(crop.y, 0, 1 - this.tall);
    image.style.width = `${100 / crop.width}%`;
    image.style.height = `${100 / this.tall}%`;
    image.style.left = `${(-100 * crop.x) / crop.width}%`;
    image.style.top = `${(-100 * crop.y) / this.tall}%`;
    for (const [name, value] of Object.entries({ ...crop, height: this.tall })) this.number(name).value = value.toFixed(4);
    this.changed();
    this.slide("zoom", this.widest - crop.width, this.widest - this.narrowest);
    this.slide("across", crop.x, 1 - crop.width);
    this.slide("down", crop.y, 1 - this.tall);
  }

  slide(name, value, most) {
    const slider = this.slider(name);
    slider.disabled = most < 0.0005;
    slider.value = slider.disabled ? 500 : (value / most) * 1000;
    slider.setAttribute("aria-valuetext", `${Math.round(slider.value / 10)} %`);
  }

  // The point of the photo at these fractions of the frame stays where it is.
  zoom(width, across = 0.5, down = 0.5) {
    const { crop } = this;
    const x = crop.x + crop.width * across;
    const y = crop.y + this.tall * down;
    crop.width = between(width, this.narrowest, this.widest);
    crop.x = x - crop.width * across;
    crop.y = y - this.tall * down;
    this.show();
  }

  listen() {
    this.slider("zoom").addEventListener("input", ({ target }) => this.zoom(this.widest - (target.value / 1000) * (this.widest - this.narrowest)));
    this.slider("across").addEventListener("input", ({ target }) => this.set("x", (target.value / 1000) * (1 - this.crop.width)));
    this.slider("down").addEventListener("input", ({ target }) => this.set("y", (target.value / 1000) * (1 - this.tall)));
    const { box, held } = this;
    box.addEventListener("pointerdown", (event) => {
      held.set(event.pointerId, event);
      box.setPointerCapture(event.pointerId);
      event.preventDefault();
    });
    box.addEventListener("pointermove", (event) => this.shape && held.has(event.pointerId) && this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) box.addEventListener(end, (event) => held.delete(event.pointerId));
  }

  set(name, value) {
    this.crop[name] = value;
    this.show();
  }

  // One finger moves the photo; with two, their middle moves it and their distance makes it larger or smaller.
  drag(event) {
    const before = this.fingers();
    this.held.set(event.pointerId, event);
    const after = this.fingers();
    this.crop.x -= (after.x - before.x) * this.crop.width;
    this.crop.y -= (after.y - before.y) * this.tall;
    this.zoom(before.apart ? (this.crop.width * before.apart) / after.apart : this.crop.width, after.x, after.y);
    // A form that guards unsaved work hears of it.
    this.number("x").dispatchEvent(new Event("input", { bubbles: true }));
  }

  fingers() {
    const { left, top, width, height } = this.box.getBoundingClientRect();
    const places = [...this.held.values()].map((event) => ({ x: (event.clientX - left) / width, y: (event.clientY - top) / height }));
    const [first, second = first] = places;
    const apart = Math.hypot(second.x - first.x, (second.y - first.y) / RATIO);
    return { x: (first.x + second.x) / 2, y: (first.y + second.y) / 2, apart };
  }
}
