// Counters under text fields: the bar follows each key, the number is said when one pauses. Without this script the server still counts.
const PAUSE = 250;
const characters = (text) => [...text.normalize("NFC").trim()].length;

for (const counter of document.querySelectorAll("[data-counter-for]")) {
  const field = document.getElementById(counter.dataset.counterFor);
  if (!field || counter.dataset.rule !== "characters") continue;
  const limit = Number(counter.dataset.limit);
  const meter = counter.querySelector("meter");
  const status = counter.querySelector("[role=status]");
  let pause;

  const say = (count) => {
    const over = count > limit ? ` (${counter.dataset.over.replace("%d", count - limit)})` : "";
    const words = `${count} / ${limit}${over}`;
    if (status.textContent !== words) status.textContent = words;
  };
  const show = () => {
    const count = characters(field.value);
    meter.low = limit * 0.9;
    meter.value = count;
    counter.classList.toggle("near", count > meter.low && count <= limit);
    counter.classList.toggle("over", count > limit);
    clearTimeout(pause);
    pause = setTimeout(say, PAUSE, count);
  };
  field.addEventListener("input", show);
  show();
}
