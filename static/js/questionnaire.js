// The question as a student sees it, while the group words it. Without this script the page shows what is saved.
const screen = document.querySelector("[data-preview-screen]");
const form = document.querySelector("[data-question-form]");
const answer = screen?.querySelector("textarea");
const counter = screen?.querySelector("[data-counter-for]");
const characters = (text) => [...text.normalize("NFC").trim()].length;

const count = () => {
  const limit = Number(counter.dataset.limit);
  const meter = counter.querySelector("meter");
  const number = characters(answer.value);
  meter.max = meter.high = limit;
  meter.low = limit * 0.9;
  meter.value = number;
  const over = number > limit ? ` (${counter.dataset.over.replace("%d", number - limit)})` : "";
  counter.querySelector("[role=status]").textContent = `${number} / ${limit}${over}`;
  counter.classList.toggle("near", number > meter.low && number <= limit);
  counter.classList.toggle("over", number > limit);
};

const part = (name) => screen.querySelector(`[data-preview="${name}"]`);

const show = () => {
  part("label").textContent = form.elements.label.value.trim() || form.elements.label.labels[0].textContent;
  part("help").textContent = form.elements.help.value;
  if (part("optional")) part("optional").hidden = form.elements.answering.value === "required";
  if (!counter) return;
  const limit = Number.parseInt(form.elements.limit.value, 10);
  if (limit > 0) counter.dataset.limit = limit;
  answer.rows = counter.dataset.limit <= 200 ? 3 : 6;
  count();
};

if (answer) answer.addEventListener("input", count);
if (form) {
  form.addEventListener("input", show);
  show();
} else if (answer) count();
