// Looks at a framed photo before it is sent, as portraits/photo_doctor.py does afterwards: same measures, same limits.
// It says what could be better and forbids nothing.
const PAUSE = 250;

const greyOf = (image, crop, [across, down]) => {
  const canvas = new OffscreenCanvas(across, down);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingQuality = "high";
  const { naturalWidth: width, naturalHeight: height } = image;
  context.drawImage(image, crop.x * width, crop.y * height, crop.width * width, crop.height * height, 0, 0, across, down);
  const { data } = context.getImageData(0, 0, across, down);
  const grey = new Float32Array(across * down);
  for (let place = 0; place < grey.length; place += 1) grey[place] = 0.299 * data[4 * place] + 0.587 * data[4 * place + 1] + 0.114 * data[4 * place + 2];
  return grey;
};

const variance = (values) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
};

// The variance of the Laplacian in the sharpest tile.
const sharpness = (grey, [across, down], tiles) => {
  const wide = Math.floor((across - 2) / tiles);
  const high = Math.floor((down - 2) / tiles);
  let most = 0;
  for (let tile = 0; tile < tiles * tiles; tile += 1) {
    const edges = [];
    const left = 1 + (tile % tiles) * wide;
    const top = 1 + Math.floor(tile / tiles) * high;
    for (let y = top; y < top + high; y += 1) {
      for (let x = left; x < left + wide; x += 1) {
        const here = y * across + x;
        edges.push(grey[here - 1] + grey[here + 1] + grey[here - across] + grey[here + across] - 4 * grey[here]);
      }
    }
    most = Math.max(most, variance(edges));
  }
  return most;
};

const brightness = (grey, [across, down], [left, top, right, bottom]) => {
  let sum = 0;
  let count = 0;
  for (let y = Math.round(top * down); y < Math.round(bottom * down); y += 1) {
    for (let x = Math.round(left * across); x < Math.round(right * across); x += 1, count += 1) sum += grey[y * across + x];
  }
  return sum / count;
};

const touches = ({ edge, slack }, place, size, hasTwoSides) => size < 1 - slack && (place < edge || (hasTwoSides && place + size > 1 - edge));

const examine = (image, crop, told) => {
  const grey = greyOf(image, crop, told.size);
  const sorted = grey.slice().sort();
  const mean = brightness(grey, told.size, told.face);
  return {
    small: Math.round(crop.width * image.naturalWidth) < told.recommended,
    sideways: image.naturalWidth > image.naturalHeight,
    edge: touches(told, crop.x, crop.width, true) || touches(told, crop.y, crop.height, false),
    dark: mean < told.dark,
    light: mean > told.light,
    flat: sorted[Math.floor(sorted.length * 0.95)] - sorted[Math.floor(sorted.length * 0.05)] < told.flat,
    blurred: sharpness(grey, told.size, told.tiles) < told.blurred,
  };
};

export class Doctor {
  constructor(part) {
    this.part = part;
    this.told = JSON.parse(part.dataset.doctor);
  }

  look(image, crop) {
    clearTimeout(this.pause);
    delete this.part.dataset.hasLooked;
    this.pause = setTimeout(() => {
      const found = examine(image, crop, this.told);
      for (const line of this.part.querySelectorAll("[data-advice]")) line.hidden = !found[line.dataset.advice];
      this.part.dataset.hasLooked = "";
    }, PAUSE);
  }
}
