// Texts that one has to keep, in a .copy: selected when they are reached, copied by the button beside
// them. Without this file, or where a browser lets no page write to its clipboard, there is no button.
for (const box of document.querySelectorAll(".copy")) {
  const text = box.querySelector("[data-copy]");
  const button = box.querySelector("[data-copy-button]");
  text.addEventListener("focus", () => text.select());
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(text.value);
    button.textContent = button.dataset.done;
  });
}
