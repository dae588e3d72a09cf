// “Did it go out?”: the posts of a page are read into the list when one asks. Without this script the link opens them on a page of their own.
const read = async (link) => {
  const place = document.getElementById(link.dataset.there);
  place.textContent = place.dataset.wait;
  link.setAttribute("aria-busy", "true");
  try {
    const response = await fetch(link.href, { headers: { "X-Requested-With": "fetch" } });
    if (!response.ok) throw new Error(response.status);
    // Escaped by the server.
    place.innerHTML = await response.text();
  } catch {
    place.textContent = place.dataset.failed;
  }
  link.removeAttribute("aria-busy");
};

for (const link of document.querySelectorAll("a[data-there]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!link.hasAttribute("aria-busy")) read(link);
  });
  if ("now" in link.dataset) read(link);
}
