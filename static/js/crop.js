// Frames a photo: drag it, or use the sliders. The four number fields are the truth; without this script one types them.
const RATIO = 4 / 5;

for (const part of document.querySelectorAll("[data-crop]")) {
  const frame = part.querySelector(".crop-frame");
  const image = frame.querySelector("img");
  const number = (name) => part.querySelector(`[name=${name}]`);
  const slider = (name) => part.querySelector(`[data-crop-${name}]`);
  const width = Number(image.getAttribute("width"));
  const height = Number(image.getAttribute("height"));
  const widest = Math.min(width, height * RATIO) / width;
  const narrowest = Math.min(widest, Math.max(400 / width, widest / 4));
  const crop = { x: Number(number("x").value), y: Number(number("y").value), width: Number(number("width").value) || widest };
  const tall = () => (crop.width * width) / RATIO / height;
  const within = (value, most) => Math.min(Math.max(value, 0), Math.max(most, 0));

  const show = () => {
    crop.width = Math.min(Math.max(crop.width, narrowest), widest);
    crop.x = within(crop.x, 1 - crop.width);
    crop.y = within(crop.y, 1 - tall());
    const scale = 100 / crop.width;
    image.style.width = `${scale}%`;
    image.style.height = `${100 / tall()}%`;
    image.style.left = `${-crop.x * scale}%`;
    image.style.top = `${(-crop.y * 100) / tall()}%`;
    number("x").value = crop.x.toFixed(4);
    number("y").value = crop.y.toFixed(4);
    number("width").value = crop.width.toFixed(4);
    number("height").value = tall().toFixed(4);
    slider("zoom").value = widest === narrowest ? 0 : ((widest - crop.width) / (widest - narrowest)) * 1000;
    slider("across").value = crop.width >= 1 ? 500 : (crop.x / (1 - crop.width)) * 1000;
    slider("down").value = tall() >= 1 ? 500 : (crop.y / (1 - tall())) * 1000;
  };

  const zoomTo = (value) => {
    const middle = { x: crop.x + crop.width / 2, y: crop.y + tall() / 2 };
    crop.width = Math.min(Math.max(value, narrowest), widest);
    crop.x = middle.x - crop.width / 2;
    crop.y = middle.y - tall() / 2;
    show();
  };

  slider("zoom").addEventListener("input", (event) => zoomTo(widest - (event.target.value / 1000) * (widest - narrowest)));
  slider("across").addEventListener("input", (event) => { crop.x = (event.target.value / 1000) * (1 - crop.width); show(); });
  slider("down").addEventListener("input", (event) => { crop.y = (event.target.value / 1000) * (1 - tall()); show(); });

  let held = null;
  frame.addEventListener("pointerdown", (event) => {
    held = { x: event.clientX, y: event.clientY, crop: { ...crop } };
    frame.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  frame.addEventListener("pointermove", (event) => {
    if (!held) return;
    crop.x = held.crop.x - ((event.clientX - held.x) / frame.clientWidth) * crop.width;
    crop.y = held.crop.y - ((event.clientY - held.y) / frame.clientHeight) * tall();
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, () => { held = null; });
  frame.addEventListener("wheel", (event) => { event.preventDefault(); zoomTo(crop.width * (event.deltaY > 0 ? 1.04 : 0.96)); }, { passive: false });

  part.querySelector("[data-crop-numbers]").hidden = true;
  part.querySelector("[data-crop-sliders]").hidden = false;
  show();
}
