// The editor of a post. When one pauses, the server says how long the network counts the text, what it would refuse,
// which words the student has not signed, what the school's rules say, and how it will look. Without this script the same is shown after saving.
const PAUSE = 400;
const form = document.querySelector("[data-check]");
const drawn = new WeakMap();

const fill = (list, sentences) =>
  list.replaceChildren(...sentences.map((sentence) => Object.assign(document.createElement("li"), { textContent: sentence, className: list.dataset.item ?? "" })));

const show = (section, answer) => {
  const counter = section.querySelector("[data-counter-for]");
  const over = answer.length - answer.limit;
  const meter = counter.querySelector("meter");
  meter.low = answer.limit * 0.9;
  meter.value = answer.length;
  counter.classList.toggle("over", over > 0);
  counter.querySelector("[role=status]").textContent =
    `${answer.length} / ${answer.limit}` + (over > 0 ? ` (${counter.dataset.over.replace("%d", over)})` : "");
  fill(section.querySelector("[data-problems]"), answer.problems);
  const warnings = section.querySelector("[data-warnings]");
  warnings.hidden = answer.warnings.length === 0;
  fill(warnings, answer.warnings);
  const rulings = section.querySelector("[data-rulings]");
  rulings.hidden = answer.rulings.length === 0;
  fill(rulings, answer.rulings);
  const beyond = section.querySelector("[data-beyond]");
  beyond.hidden = answer.beyond.length === 0;
  fill(beyond.querySelector("ul"), answer.beyond);
  // Escaped by the server, which folds the text as the network does.
  section.querySelector(".preview .words").innerHTML = answer.preview;
  // Only where another picture was chosen: the same one, drawn again at each pause, would flicker.
  if (drawn.get(section) !== answer.picture) section.querySelector("[data-picture]").innerHTML = answer.picture;
  drawn.set(section, answer.picture);
  section.querySelector("[data-caption]").textContent = answer.caption;
};

const watch = (section) => {
  const field = section.querySelector("textarea");
  const picture = section.querySelector("select");
  let pause;
  let asked = 0;
  const ask = async () => {
    const number = ++asked;
    const body = new URLSearchParams({
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
      account: section.dataset.account,
      text: field.value,
      picture: picture.value,
      day: form.elements.day.value,
      time: form.elements.time.value,
    });
    try {
      const response = await fetch(form.dataset.check, { method: "POST", body });
      // An answer that a newer question overtook is not shown.
      if (response.ok && number === asked) show(section, await response.json());
    } catch {
      // Offline for a moment: the next pause asks again, and saving checks in any case.
    }
  };
  picture.addEventListener("change", ask);
  // The school's rules go by the moment too.
  form.elements.day.addEventListener("change", ask);
  form.elements.time.addEventListener("change", ask);
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(ask, PAUSE);
  });
};

const offerMornings = (list) => {
  list.hidden = false;
  list.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    form.elements.day.value = button.dataset.day;
    form.elements.time.value = button.dataset.time;
    form.elements.time.dispatchEvent(new Event("input", { bubbles: true }));
    form.elements.time.dispatchEvent(new Event("change", { bubbles: true }));
  });
};

if (form) {
  form.querySelectorAll("[data-account]").forEach(watch);
  form.querySelectorAll("[data-mornings]").forEach(offerMornings);
}
