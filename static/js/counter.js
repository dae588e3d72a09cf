// Counters under text fields: fill while one types, speak when one pauses. Without this script the server still counts.
const graphemes = (text) => [...text.normalize("NFC")].length;

for (const counter of document.querySelectorAll("[data-counter-for]")) {
  const field = document.getElementById(counter.dataset.counterFor);
  if (!field || counter.dataset.rule !== "characters") continue;
  const limit = Number(counter.dataset.limit);
  const meter = counter.querySelector("meter");
  const status = counter.querySelector("[role=status]");
  let pause;
  const show = () => {
    const count = graphemes(field.value.trim());
    meter.low = limit * 0.9;
    meter.value = count;
    counter.classList.toggle("over", count > limit);
    clearTimeout(pause);
    pause = setTimeout(() => {
      const over = count > limit ? ` (${counter.dataset.over.replace("%d", count - limit)})` : "";
      status.textContent = `${count} / ${limit}${over}`;
    }, 250);
  };
  field.addEventListener("input", show);
  show();
}
