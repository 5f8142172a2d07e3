/* Shows the designs in the chosen colour, on the chosen paper and in the chosen language. */
const PAUSE = 250; // milliseconds of rest before the pictures are drawn
const FIELDS = ["colour", "paper", "language"];
const form = document.querySelector(".lcred-designs[data-picture-url]");
const images = [...form.querySelectorAll("img[data-design]")];
let timer = 0;

function read() {
  const entered = new FormData(form);
  return new URLSearchParams(FIELDS.map((name) => [name, entered.get(name)]));
}

function draw() {
  for (const image of images) {
    const query = read();
    query.set("design", image.dataset.design);
    image.classList.add("lcred-waiting");
    image.src = `${form.dataset.pictureUrl}?${query}`;
  }
}

for (const image of images) {
  for (const event of ["load", "error"]) {
    image.addEventListener(event, () => image.classList.remove("lcred-waiting"));
  }
}
form.addEventListener("input", (event) => {
  if (FIELDS.includes(event.target.name)) {
    window.clearTimeout(timer);
    timer = window.setTimeout(draw, PAUSE);
  }
});
// The pictures in the page are in the usual colour, on A4 and in English.
if (form.dataset.usual === undefined) {
  draw();
}
