/* Calculates with boxes: [left, bottom, right, top] in points, from the bottom left of the page. */

export const POINTS_PER_MM = 72 / 25.4;
/* Points between the edge of the page and what is printed, as a guide. */
export const MARGIN = 36;
const ROUND = 100;
const LEAST_WIDTH = 10;
const LEAST_QR = 30;
const LARGEST_FONT = 2000;

export function round(number) {
  return Math.round(number * ROUND) / ROUND;
}

export function join(boxes) {
  return [
    Math.min(...boxes.map((box) => box[0])),
    Math.min(...boxes.map((box) => box[1])),
    Math.max(...boxes.map((box) => box[2])),
    Math.max(...boxes.map((box) => box[3])),
  ];
}

export function shift(box, dx, dy) {
  return [box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy];
}

/* Returns how far each box moves so that all are aligned. One box alone is aligned with the page. */
export function align(boxes, how, page) {
  const frame = boxes.length > 1 ? join(boxes) : [0, 0, page[0], page[1]];
  const middle = (from, to) => (from + to) / 2;
  return boxes.map((box) => {
    switch (how) {
      case "left":
        return [frame[0] - box[0], 0];
      case "center":
        return [middle(frame[0], frame[2]) - middle(box[0], box[2]), 0];
      case "right":
        return [frame[2] - box[2], 0];
      case "top":
        return [0, frame[3] - box[3]];
      case "middle":
        return [0, middle(frame[1], frame[3]) - middle(box[1], box[3])];
      default:
        return [0, frame[1] - box[1]];
    }
  });
}

/* Returns how far each box moves so that the gaps between neighbours are equal. The outer two stay. */
export function distribute(boxes, direction) {
  const [low, high] = direction === "across" ? [0, 2] : [1, 3];
  const order = boxes.map((_, index) => index).sort((one, two) => boxes[one][low] - boxes[two][low]);
  const frame = join(boxes);
  const used = boxes.reduce((sum, box) => sum + box[high] - box[low], 0);
  const gap = (frame[high] - frame[low] - used) / Math.max(boxes.length - 1, 1);
  const moves = boxes.map(() => [0, 0]);
  let at = frame[low];
  for (const index of order) {
    const distance = at - boxes[index][low];
    moves[index] = direction === "across" ? [distance, 0] : [0, distance];
    at += boxes[index][high] - boxes[index][low] + gap;
  }
  return moves;
}

/* Returns the lines that a box can snap to: across and up. */
export function listLines(others, page, grid) {
  const lines = { across: [0, MARGIN, page[0] / 2, page[0] - MARGIN, page[0]], up: [0, MARGIN, page[1] / 2, page[1] - MARGIN, page[1]] };
  for (const box of others) {
    lines.across.push(box[0], (box[0] + box[2]) / 2, box[2]);
    lines.up.push(box[1], (box[1] + box[3]) / 2, box[3]);
  }
  return { ...lines, grid };
}

/* Returns how much further a box moves to touch the nearest lines, and these lines. */
export function snap(box, lines, reach) {
  const across = snapAxis([box[0], (box[0] + box[2]) / 2, box[2]], lines.across, lines.grid, reach);
  const up = snapAxis([box[1], (box[1] + box[3]) / 2, box[3]], lines.up, lines.grid, reach);
  return { dx: across.distance, dy: up.distance, across: across.line, up: up.line };
}

function snapAxis(places, lines, grid, reach) {
  let best = { distance: 0, line: null, length: reach };
  const consider = (line, place) => {
    const length = Math.abs(line - place);
    if (length < best.length) {
      best = { distance: line - place, line, length };
    }
  };
  for (const place of places) {
    for (const line of lines) {
      consider(line, place);
    }
  }
  if (best.line === null && grid) {
    consider(Math.round(places[0] / grid) * grid, places[0]);
  }
  return best;
}

/* Returns the names of the handles with which an element is resized. */
export function listHandles(element) {
  const handles = { text: ["w", "e", "se"], image: ["nw", "ne", "sw", "se"], qr: ["nw", "ne", "sw", "se"], table: ["w", "e", "s"], signatories: ["nw", "ne", "sw", "se"] };
  return (!isTurned(element) && handles[element.kind]) || [];
}

export function isTurned(element) {
  return Boolean(element.values.rotation);
}

/* Returns the options that change when a handle of an element is dragged. */
export function resize(element, box, handle, dx, dy) {
  const { values } = element;
  if (element.kind === "text") {
    return resizeText(element, box, handle, dx, dy);
  }
  if (element.kind === "table") {
    return resizeTable(values, handle, dx, dy);
  }
  const width = element.kind === "qr" ? values.size : values.width;
  const height = element.kind === "qr" ? values.size : values.height;
  const [left, bottom] = [handle.includes("w"), handle.includes("s")];
  if (element.kind === "qr") {
    const grown = Math.max((left ? -dx : dx), (bottom ? -dy : dy));
    const size = Math.max(width + grown, LEAST_QR);
    return place({ size }, values, left ? width - size : 0, bottom ? height - size : 0);
  }
  const wider = width ? Math.max(width + (left ? -dx : dx), LEAST_WIDTH) : 0;
  const higher = height ? Math.max(height + (bottom ? -dy : dy), LEAST_WIDTH) : 0;
  const changes = { ...(width ? { width: wider } : {}), ...(height ? { height: higher } : {}) };
  return place(changes, values, left && width ? width - wider : 0, bottom && height ? height - higher : 0);
}

function place(changes, values, dx, dy) {
  const placed = { ...changes, ...(dx ? { x: values.x + dx } : {}), ...(dy ? { y: values.y + dy } : {}) };
  return Object.fromEntries(Object.entries(placed).map(([name, number]) => [name, round(number)]));
}

function resizeText(element, box, handle, dx, dy) {
  const { values } = element;
  if (handle === "se") {
    const height = box[3] - box[1];
    const factor = Math.max((height - dy) / Math.max(height, 1), 0);
    return { size: round(Math.min(Math.max(values.size * factor, 1), LARGEST_FONT)) };
  }
  const grown = handle === "e" ? dx : -dx;
  const both = values.align === "center" ? 2 * grown : grown;
  const moved = values.align === "left" && handle === "w" ? -grown : values.align === "right" && handle === "e" ? grown : 0;
  const width = round(Math.max((values.max_width || box[2] - box[0]) + both, LEAST_WIDTH));
  return { max_width: width, ...(moved ? { x: round(element.anchor[0] + moved) } : {}) };
}

function resizeTable(values, handle, dx, dy) {
  if (handle === "s") {
    return { bottom: round(values.bottom + dy) };
  }
  const width = Math.max(values.width + (handle === "e" ? dx : -dx), LEAST_WIDTH);
  return place({ width }, values, handle === "w" ? values.width - width : 0, 0);
}
