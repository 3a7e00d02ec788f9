// The form of an alert with script: rows are added without asking the node, and a photograph that is too large is made smaller
// here. Everything is sent without it: empty rows are offered, and an image over the bound is refused with words.
const widest = 320, highest = 420; // points: what a booth's page shows

function ready() {
  for (const button of document.querySelectorAll("[data-add]")) button.hidden = false;
  const wrong = document.querySelector(".alerts-form :is([aria-invalid], [name=action][autofocus])");
  if (wrong && document.activeElement !== wrong) wrong.focus();
}
document.getElementById("main").addEventListener("tims:page", ready);
ready();

document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-add]");
  if (!button) return;
  const last = button.previousElementSibling, row = last.cloneNode(true);
  for (const field of row.querySelectorAll("input")) {
    field.value = "";
    field.removeAttribute("value");
  }
  for (const field of row.querySelectorAll("select")) field.selectedIndex = field.name === "quality" ? 1 : 0; // a further name is an alias
  for (const field of row.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
  }
  for (const fault of row.querySelectorAll(".fault")) fault.remove();
  last.after(row);
  row.querySelector("input").focus();
});

// smaller draws an image anew within the points of a booth's page, coarser until it is within the bound.
async function smaller(file, most) {
  const image = await createImageBitmap(file), scale = Math.min(1, widest / image.width, highest / image.height);
  const canvas = Object.assign(document.createElement("canvas"), { width: Math.round(image.width * scale), height: Math.round(image.height * scale) });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  for (const quality of [0.88, 0.75, 0.6, 0.4]) {
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", quality));
    if (blob && blob.size <= most) return new File([blob], "face.jpg", { type: "image/jpeg" });
  }
  return file;
}

document.addEventListener("change", async (e) => {
  const field = e.target, file = field.files?.[0];
  if (!field.matches("#photo") || !file || file.size <= Number(field.dataset.most)) return;
  const made = await smaller(file, Number(field.dataset.most)).catch(() => file);
  if (made === file) return; // the node says what is wrong with it
  const list = new DataTransfer();
  list.items.add(made);
  field.files = list.files;
  document.getElementById("photo-made").hidden = false;
});
