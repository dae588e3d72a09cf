// The look of the cards, seen as it changes: the server draws each picture from what is chosen, a new logo included.
// Without this script the button beside “Save” does the same.
const PAUSE = 350;
const form = document.querySelector("[data-look]");

if (form) {
  const status = form.querySelector("[data-look-status]");
  const pictures = [...form.querySelectorAll("img[data-kind], img[data-layout]")];
  form.querySelector("[data-without-script]").hidden = true;
  let pause;
  let round = 0;

  const draw = async (picture, number) => {
    const body = new FormData(form);
    body.set("kind", picture.dataset.kind ?? "portrait");
    if (picture.dataset.layout) {
      body.set("layout", picture.dataset.layout);
      body.set("small", "1");
    }
    const response = await fetch(form.dataset.look, { method: "POST", body });
    // An answer that a newer question overtook is not shown.
    if (number !== round) return;
    if (response.status === 422) {
      round++;
      status.textContent = (await response.json()).errors.join(" ");
      return;
    }
    if (!response.ok) throw new Error(response.statusText);
    const before = picture.src;
    picture.src = URL.createObjectURL(await response.blob());
    if (before.startsWith("blob:")) URL.revokeObjectURL(before);
  };

  // One after the other: what is looked at first comes first, and the server draws one picture at a time.
  const drawAll = async (isOnlyLayout) => {
    const number = ++round;
    status.textContent = "";
    try {
      for (const picture of pictures.toSorted((one, other) => Boolean(one.dataset.layout) - Boolean(other.dataset.layout))) {
        if (number === round && !(isOnlyLayout && picture.dataset.layout)) await draw(picture, number);
      }
    } catch {
      if (number === round) status.textContent = status.dataset.offline;
    }
  };

  form.addEventListener("input", ({ target }) => {
    clearTimeout(pause);
    pause = setTimeout(drawAll, PAUSE, target.name === "layout");
  });

  form.querySelector("[name=promotion_colours]").addEventListener("click", (event) => {
    const { colour, second } = event.currentTarget.dataset;
    event.preventDefault();
    form.elements.colour.value = colour;
    form.elements.second_colour.value = second;
    form.elements.colour.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
