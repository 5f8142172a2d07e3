// Opens PDFs with pdf.js as a browser does and prints, as JSON by path, what it found and what it complained of.
// Usage: node read_pdfs.mjs DIRECTORY_OF_PDFJS_DIST < PATHS, one a line.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const root = resolve(process.argv[2]);
// Without a canvas it says at once that it cannot draw; what is asked of it here needs none.
const plain = { log: console.log, warn: console.warn, info: console.info, error: console.error };
let said = [];
for (const name of Object.keys(plain)) {
  console[name] = (...parts) => said.push(parts.map(String).join(" "));
}
process.getBuiltinModule ??= createRequire(import.meta.url); // Node 18 has no such function
const pdfjs = await import(pathToFileURL(`${root}/legacy/build/pdf.mjs`));

const answers = {};
for (const path of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  said = [];
  const task = pdfjs.getDocument({
    data: new Uint8Array(readFileSync(path)),
    verbosity: pdfjs.VerbosityLevel.WARNINGS,
    standardFontDataUrl: `${root}/standard_fonts/`,
    cMapUrl: `${root}/cmaps/`,
    cMapPacked: true,
    useSystemFonts: false,
    fontExtraProperties: true,
    isEvalSupported: false,
  });
  try {
    const document = await task.promise;
    const page = await document.getPage(1);
    const { info, metadata } = await document.getMetadata();
    const text = await page.getTextContent();
    const structure = await page.getStructTree();
    const operators = await page.getOperatorList();
    const names = Object.fromEntries(Object.entries(pdfjs.OPS).map(([name, number]) => [number, name]));
    const fonts = operators.fnArray
      .map((operator, index) => (names[operator] === "setFont" ? operators.argsArray[index][0] : null))
      .filter(Boolean)
      .map((id) => page.commonObjs.get(id));
    answers[path] = {
      pages: document.numPages,
      title: info.Title,
      author: info.Author,
      subject: info.Subject,
      version: info.PDFFormatVersion,
      xmp: metadata?.get("dc:title"),
      size: page.view.slice(2).map((end, index) => end - page.view[index]),
      rotation: page.rotate,
      text: text.items.map((item) => item.str + (item.hasEOL ? "\n" : "")).join(""),
      fonts: Object.fromEntries(fonts.map((font) => [font.name, !font.missingFile])),
      structure,
      operators: operators.fnArray.length,
    };
  } catch (error) {
    said.push(`${error.name}: ${error.message}`);
  }
  answers[path] = { ...answers[path], complaints: said };
  await task.destroy();
}
plain.log(JSON.stringify(answers));
