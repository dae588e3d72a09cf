// My photo: taken or chosen, made light, turned, framed and looked at on this phone, kept here, then sent. Without a connection it waits.
import { Doctor } from "./doctor.js";
import { Frame, LONGEST } from "./frame.js";
import { afterSending, sendAll, sender, sentences as say, store } from "./phone.js";
import { CONFLICT, PEN, REFUSED, SIGNED_OUT } from "./sending.js";

const SMALLEST = 600;
const path = location.pathname;
const form = document.querySelector("[data-photo-form]");

// Upright pixels, no larger than the server keeps them and without what the file says besides (where it was taken, and when).
const drawn = (image, degrees = 0) => {
  const scale = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
  const [width, height] = [image.naturalWidth * scale, image.naturalHeight * scale].map(Math.round);
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = degrees % 180 ? [height, width] : [width, height];
  const context = canvas.getContext("2d");
  context.imageSmoothingQuality = "high";
  context.translate(canvas.width / 2, canvas.height / 2);
  context.rotate((degrees * Math.PI) / 180);
  context.drawImage(image, -width / 2, -height / 2, width, height);
  return new Promise((answer) => canvas.toBlob(answer, "image/jpeg", 0.92));
};

const pictured = async (source) => {
  const image = new Image();
  image.src = source instanceof Blob ? URL.createObjectURL(source) : source;
  await image.decode();
  return image;
};

class Page {
  constructor() {
    this.part = form.querySelector("[data-crop]");
    this.frame = new Frame(this.part);
    this.doctor = new Doctor(form.querySelector("[data-doctor]"));
    this.problem = form.querySelector("[data-photo-problem]");
    this.note = form.querySelector("[data-saved-note]");
    this.conflict = form.querySelector("section[data-conflict]");
    this.turn = form.elements.turn;
    this.turned = 0;
    this.frame.changed = () => this.look();
    for (const input of form.querySelectorAll("[type=file]")) input.addEventListener("change", () => this.choose(input));
    for (const button of form.querySelectorAll("[data-turn]")) button.addEventListener("click", () => this.rotate(Number(button.dataset.turn)));
    for (const button of this.conflict.querySelectorAll("[data-choose]")) button.addEventListener("click", () => this.settle(button.dataset.choose));
    form.classList.toggle("has-photo", !this.part.hidden);
    this.look();
  }

  get image() {
    return this.frame.image;
  }

  look() {
    if (this.image?.complete && this.image.naturalWidth && this.frame.crop) {
      const { x, y, width } = this.frame.crop;
      this.doctor.look(this.image, { x, y, width, height: this.frame.tall });
    } else this.image?.addEventListener("load", () => this.look(), { once: true });
  }

  say(sentence) {
    this.problem.textContent = sentence;
    this.problem.hidden = !sentence;
  }

  async choose(input) {
    const [file] = input.files;
    if (!file) return;
    // The other way's file would be sent as well.
    for (const other of form.querySelectorAll("[type=file]")) if (other !== input) other.value = "";
    this.say("");
    try {
      const image = await pictured(file);
      if (Math.min(image.naturalWidth, image.naturalHeight) < SMALLEST) {
        input.value = "";
        return this.say(say.tooSmall);
      }
      await this.show(await drawn(image));
    } catch {
      // This browser cannot show it (HEIC): it is framed once the school has it.
      Object.assign(this, { photo: file, photoName: file.name, turned: 0 });
      form.elements.is_framed.value = "";
      this.part.hidden = true;
      this.say(say.framedLater);
    }
    return undefined;
  }

  // The form itself holds what is shown, so that it can also be sent as any form is.
  hand(photo) {
    const transfer = new DataTransfer();
    transfer.items.add(new File([photo], this.photoName, { type: "image/jpeg" }));
    form.elements.photo.files = transfer.files;
    form.elements.camera.value = "";
  }

  // A photo that only this phone has, in the frame.
  async show(photo, crop) {
    const image = await pictured(photo);
    this.image.src = image.src;
    await this.image.decode();
    Object.assign(this, { photo, photoName: "photo.jpg", turned: 0 });
    this.hand(photo);
    this.frame.open(image.naturalWidth, image.naturalHeight, crop);
    form.elements.is_framed.value = "1";
    this.turn.value = "";
    this.part.hidden = false;
    form.classList.add("has-photo");
  }

  // What this phone has is turned here; what the school has is shown turned, and turned there when it is saved.
  async rotate(degrees) {
    const photo = await drawn(this.image, degrees);
    if (this.photo) return this.show(photo);
    const image = await pictured(photo);
    this.image.src = image.src;
    await this.image.decode();
    this.turned = (this.turned + degrees + 360) % 360;
    this.turn.value = this.turned || "";
    this.frame.open(image.naturalWidth, image.naturalHeight);
    form.elements.is_framed.value = "1";
    return undefined;
  }

  // What waits here from before is on the page again.
  async begin() {
    const item = await store.waiting(path);
    if (!item) return;
    form.elements.alt_text.value = item.fields.alt_text;
    if (item.photo && item.fields.is_framed) {
      const { x, y, width } = item.fields;
      await this.show(item.photo, { x: Number(x), y: Number(y), width: Number(width) });
    } else if (item.photo) Object.assign(this, { photo: item.photo, photoName: item.photoName });
    this.tell(undefined, item);
  }

  async keep() {
    const now = await store.waiting(path);
    const fields = { is_framed: form.elements.is_framed.value, turn: this.turn.value, alt_text: form.elements.alt_text.value };
    for (const name of ["x", "y", "width", "height"]) fields[name] = form.elements[name].value;
    const stamp = crypto.getRandomValues(new Uint32Array(2)).join();
    await store.keep({ path, label: form.dataset.label, fields, photo: this.photo, photoName: this.photoName, read: now?.read ?? form.elements.read.value, stamp, trouble: undefined });
  }

  async save() {
    if (!this.conflict.hidden) return this.conflict.querySelector("button").focus();
    this.say("");
    if (!this.photo && form.dataset.hasPhoto === undefined) return this.say(say.chooseFirst);
    await this.keep();
    this.note.textContent = this.photo ? say.sendingPhoto : say.saving;
    return sendAll();
  }

  async sent(outcome) {
    const item = await store.waiting(path);
    if (!item && this.isSaving) return location.assign(sender.after ?? form.dataset.after);
    this.isSaving = false;
    return this.tell(outcome, item);
  }

  tell(outcome, item) {
    const trouble = item?.trouble;
    if (trouble?.kind === REFUSED || trouble?.kind === PEN) this.say(trouble.kind === PEN ? say.pen : trouble.sentence);
    if (trouble?.kind === CONFLICT) this.ask(trouble);
    this.note.textContent = item && !trouble ? (outcome === SIGNED_OUT ? say.hereSignedOut : say.photoHere) : "";
    this.note.classList.toggle("waits", Boolean(item));
    form.querySelector("[data-sign-in]").hidden = !(item && outcome === SIGNED_OUT);
  }

  ask({ picture, read }) {
    this.other = read;
    this.conflict.querySelector("[data-choose=mine]").hidden = !this.photo;
    const image = this.conflict.querySelector("img");
    image.hidden = !picture;
    if (picture) image.src = picture;
    this.conflict.hidden = false;
  }

  async settle(choice) {
    this.conflict.hidden = true;
    if (choice === "theirs") {
      await store.drop(path);
      return location.reload();
    }
    // A frame that was drawn on the photo before last fits no other: only a photo that this phone has can replace it.
    await store.keep({ path, read: this.other, trouble: undefined });
    this.isSaving = true;
    return sendAll();
  }
}

if (form) {
  const page = new Page();
  if (store) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      page.isSaving = true;
      page.save();
    });
    form.elements.alt_text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || event.shiftKey) return;
      event.preventDefault();
      form.requestSubmit();
    });
    afterSending((outcome) => page.sent(outcome));
    await page.begin();
  }
}
