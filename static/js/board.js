// The board by keyboard and without reloading: arrows go from face to face, “looked after by” is kept as it is chosen, with
// a way back. Without this script the boxes are reached by Tab, and the button beside each choice keeps it.
const form = document.querySelector("[data-board]");

const ticking = (form) => {
  const boxes = [...form.querySelectorAll(".faces input[name=students]")];
  const count = form.querySelector("[data-count]");
  const pill = form.querySelector(".bar-pill");
  pill.dataset.label = pill.textContent;
  const show = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    count.textContent = ticked ? `${ticked} ${form.dataset.ticked}` : "";
    pill.textContent = count.textContent || pill.dataset.label;
  };
  form.addEventListener("change", (event) => event.target.name === "students" && show());
  for (const link of form.querySelectorAll("[data-tick]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      const states = link.dataset.tick.split(" ");
      for (const box of boxes)
        box.checked = states.includes("all") || states.includes(box.closest("li").dataset.state);
      show();
    });
  }
  form.querySelector(".faces").addEventListener("keydown", (event) => {
    const here = boxes.indexOf(event.target);
    if (here < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter") {
      event.preventDefault();
      event.target.closest("li").querySelector("h3 a")?.click();
      return;
    }
    const there = step(boxes, here, event.key);
    if (!there) return;
    event.preventDefault();
    there.focus();
    there.closest("li").scrollIntoView({ block: "nearest" });
  });
  show();
};

// The face that an arrow leads to. Up and down stay in the column, as it is on this screen.
const step = (boxes, here, key) => {
  if (key === "ArrowRight") return boxes[here + 1];
  if (key === "ArrowLeft") return boxes[here - 1];
  if (key === "Home") return boxes[0];
  if (key === "End") return boxes.at(-1);
  if (key !== "ArrowDown" && key !== "ArrowUp") return undefined;
  const left = (box) => box.closest("li").offsetLeft;
  const way = key === "ArrowDown" ? boxes.slice(here + 1) : boxes.slice(0, here).reverse();
  return way.find((box) => left(box) === left(boxes[here]));
};

const assigning = (form) => {
  form.classList.add("is-live");
  const toast = document.createElement("div");
  toast.className = "toast-float";
  toast.setAttribute("role", "status");
  document.querySelector("main").append(toast);

  const tell = (text, undo) => {
    toast.replaceChildren(Object.assign(document.createElement("span"), { textContent: text }));
    if (undo) {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "plain", textContent: form.dataset.undo });
      button.addEventListener("click", undo);
      toast.append(button);
    }
  };

  const keep = async (menu, before) => {
    const pk = menu.name.replace("member-", "");
    const body = new URLSearchParams({
      csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value,
      promotion: form.elements.promotion.value,
      one: pk,
      [menu.name]: menu.value,
    });
    const address = menu.closest(".keeper").querySelector("button").formAction;
    try {
      const answer = await fetch(address, { method: "POST", body, headers: { "X-Requested-With": "fetch" } });
      const { said } = await answer.json();
      if (!answer.ok) throw new Error(said);
      menu.dataset.kept = menu.value;
      tell(said, () => {
        const now = menu.value;
        menu.value = before;
        keep(menu, now);
        menu.focus();
      });
    } catch (error) {
      menu.value = before;
      tell(error.name === "Error" ? error.message : form.dataset.lost);
    }
  };

  for (const menu of form.querySelectorAll(".keeper select")) {
    menu.dataset.kept = menu.value;
    menu.addEventListener("change", () => keep(menu, menu.dataset.kept));
  }
};

if (form) {
  ticking(form);
  assigning(form);
}
