/* Rulers along the page, in millimetres or points, from the bottom left. */

import { make } from "./dom.js";
import { POINTS_PER_MM } from "./geometry.js";

const THICKNESS = 22;
const STEPS = { mm: [1, 2, 5, 10, 20, 50, 100, 200], pt: [5, 10, 20, 50, 100, 200, 500, 1000] };
/* Pixels between two marks, and between two numbers, at least. */
const NARROWEST = 5;
const NARROWEST_LABEL = 44;

export class Rulers {
  constructor(designer) {
    this.designer = designer;
    this.across = make("canvas", { class: "lcred-designer-ruler-across", "aria-hidden": "true" });
    this.up = make("canvas", { class: "lcred-designer-ruler-up", "aria-hidden": "true" });
  }

  render() {
    const [width, height] = this.designer.pageSize;
    const { zoom } = this.designer;
    this._draw(this.across, width * zoom, false);
    this._draw(this.up, height * zoom, true);
  }

  _draw(canvas, length, isUp) {
    const density = window.devicePixelRatio || 1;
    const [width, height] = isUp ? [THICKNESS, length] : [length, THICKNESS];
    canvas.width = Math.max(width * density, 1);
    canvas.height = Math.max(height * density, 1);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
    const pen = canvas.getContext("2d");
    pen.scale(density, density);
    const colour = getComputedStyle(canvas).color;
    pen.strokeStyle = colour;
    pen.fillStyle = colour;
    pen.font = "10px sans-serif";
    const { unit, zoom } = this.designer;
    const pixels = (unit === "mm" ? POINTS_PER_MM : 1) * zoom;
    const mark = STEPS[unit].find((step) => step * pixels >= NARROWEST) || STEPS[unit].at(-1);
    const label = STEPS[unit].find((step) => step * pixels >= NARROWEST_LABEL && step % mark === 0) || STEPS[unit].at(-1);
    pen.beginPath();
    for (let number = 0; number * pixels <= length; number += mark) {
      const at = isUp ? length - number * pixels : number * pixels;
      const isLabelled = number % label === 0;
      const size = isLabelled ? THICKNESS / 2 : THICKNESS / 4;
      pen.moveTo(isUp ? THICKNESS - size : at, isUp ? at : THICKNESS - size);
      pen.lineTo(isUp ? THICKNESS : at, isUp ? at : THICKNESS);
      if (isLabelled && number) {
        this._write(pen, String(number), at, isUp);
      }
    }
    pen.stroke();
  }

  _write(pen, text, at, isUp) {
    pen.save();
    pen.textAlign = "center";
    pen.translate(isUp ? 9 : at, isUp ? at : 9);
    if (isUp) {
      pen.rotate(-Math.PI / 2);
    }
    pen.fillText(text, 0, 0);
    pen.restore();
  }
}
