import "server-only";
import { setImmediate } from "node:timers/promises";
import PDFDocument from "pdfkit";
import { type FontRun, fontFile, fontRuns, type Weight } from "./fonts";

/** A4 in points, and what stays free at its edges. */
const PAPER = { width: 595.28, height: 841.89 } as const;
export const MARGIN = 46;
const FOOTER = 34;
export const INK = "#1b2a30";
export const MUTED = "#5a6970";
export const RULE = "#d5dadb";
const LINE_HEIGHT = 1.42;
/** Widths grow with the size: they are measured once, at this one. */
const WIDTH_SIZE = 100;
/** Words whose width is kept: a few hundred kilobytes. */
const WIDTHS_MAX = 20_000;

export interface TextStyle {
  size?: number;
  weight?: Weight;
  colour?: string;
  align?: "left" | "right";
}

export interface Cell extends TextStyle {
  text: string;
}

interface PlacedLine {
  runs: FontRun[];
  width: number;
}

/** Paper that is filled from top to bottom; a new page begins by itself. */
export class Sheet {
  readonly document: PDFKit.PDFDocument;
  readonly left = MARGIN;
  readonly right = PAPER.width - MARGIN;
  readonly width = PAPER.width - 2 * MARGIN;
  y = MARGIN;
  private readonly registered = new Set<string>();
  private readonly widths = new Map<string, number>();
  /** Drawn again at the top of a page on which a table goes on. */
  private continued: (() => void) | null = null;

  constructor(info: PDFKit.DocumentInfo, language: string) {
    this.document = new PDFDocument({
      size: "A4",
      margin: 0,
      bufferPages: true,
      info,
      lang: language,
      displayTitle: true,
      // The fonts are our own; the default one would be embedded for nothing.
      font: "",
    });
  }

  /** Makes room: the next `height` points stand on one page. */
  need(height: number): void {
    if (this.y + height <= PAPER.height - MARGIN - FOOTER) return;
    this.document.addPage();
    this.y = MARGIN;
    this.continued?.();
  }

  /** A paragraph over the whole width, or `width` points of it. */
  paragraph(text: string, style: TextStyle = {}, width = this.width): void {
    const size = style.size ?? 9;
    for (const line of this.wrap(text, width, style)) {
      this.need(size * LINE_HEIGHT);
      this.draw(line, this.left, this.y, width, style);
      this.y += size * LINE_HEIGHT;
    }
  }

  /** One line at a place of its own; what does not fit is cut visibly. */
  text(text: string, x: number, y: number, width: number, style: TextStyle = {}): void {
    const [line, more] = this.wrap(text, width, style);
    if (line) this.draw(more ? shortened(line) : line, x, y, width, style);
  }

  /** Lets others have the processor for a moment: a long document is seconds of work. */
  async breathe(): Promise<void> {
    await setImmediate();
  }

  /** A row of a table: cells wrap, the row is as high as its highest one and is not torn apart. */
  row(cells: readonly Cell[], widths: readonly number[], gap = 8): void {
    const columns = cells.map((cell, at) => this.wrap(cell.text, (widths[at] ?? 0) - gap, cell));
    const heights = columns.map((lines, at) => lines.length * (cells[at]?.size ?? 9) * LINE_HEIGHT);
    const height = Math.max(...heights) + 5;
    this.need(height);
    let x = this.left;
    for (const [at, lines] of columns.entries()) {
      const cell = cells[at] ?? { text: "" };
      const step = (cell.size ?? 9) * LINE_HEIGHT;
      const width = widths[at] ?? 0;
      for (const [row, line] of lines.entries()) this.draw(line, x, this.y + 2 + row * step, width - gap, cell);
      x += width;
    }
    this.y += height;
  }

  /** A table whose head stands on every page that it reaches. */
  async table(head: () => void, body: () => void | Promise<void>): Promise<void> {
    head();
    this.continued = head;
    await body();
    this.continued = null;
  }

  rule(colour = RULE, weight = 0.6): void {
    this.document.moveTo(this.left, this.y).lineTo(this.right, this.y).lineWidth(weight).stroke(colour);
  }

  /** Below every page, when all are there. */
  footers(write: (page: number, pages: number) => { left: string; right: string }): void {
    const { start, count } = this.document.bufferedPageRange();
    for (let at = 0; at < count; at++) {
      this.document.switchToPage(start + at);
      const y = PAPER.height - MARGIN - 10;
      const { left, right } = write(at + 1, count);
      const style = { size: 7.5, colour: MUTED };
      this.document
        .moveTo(this.left, y - 7)
        .lineTo(this.right, y - 7)
        .lineWidth(0.6)
        .stroke(RULE);
      this.text(left, this.left, y, this.width - 90, style);
      this.text(right, this.right - 80, y, 80, { ...style, align: "right" });
    }
  }

  private wrap(text: string, width: number, { size = 9, weight = 400 }: TextStyle): PlacedLine[] {
    const measure = (word: string) => this.widthOf(word, weight) * size;
    const space = measure(" ");
    const lines: PlacedLine[] = [];
    let words: string[] = [];
    let used = 0;
    const close = () => {
      lines.push({ runs: fontRuns(words.join(" "), weight), width: used });
      words = [];
      used = 0;
    };
    const add = (word: string, wide: number) => {
      used += (words.length > 0 ? space : 0) + wide;
      words.push(word);
    };
    for (const word of text.split(/\s+/).filter(Boolean)) {
      const wide = measure(word);
      if (words.length > 0 && used + space + wide > width) close();
      if (wide <= width) add(word, wide);
      else
        for (const piece of this.pieces(word, width, measure)) {
          if (words.length > 0) close();
          add(piece, measure(piece));
        }
    }
    if (words.length > 0 || lines.length === 0) close();
    return lines;
  }

  /** A word that is longer than any line, cut to lines: names without spaces are. */
  private pieces(word: string, width: number, measure: (text: string) => number): string[] {
    const pieces: string[] = [];
    let piece = "";
    for (const character of word) {
      if (piece !== "" && measure(piece + character) > width) {
        pieces.push(piece);
        piece = "";
      }
      piece += character;
    }
    return [...pieces, piece];
  }

  /** Of a text in one point; the same words and figures come again and again. */
  private widthOf(text: string, weight: Weight): number {
    const key = `${weight} ${text}`;
    const known = this.widths.get(key);
    if (known !== undefined) return known;
    let width = 0;
    for (const run of fontRuns(text, weight)) width += this.use(run.font, WIDTH_SIZE).widthOfString(run.text);
    if (this.widths.size < WIDTHS_MAX) this.widths.set(key, width / WIDTH_SIZE);
    return width / WIDTH_SIZE;
  }

  private draw(line: PlacedLine, x: number, y: number, width: number, { size = 9, colour = INK, align }: TextStyle) {
    let at = align === "right" ? x + width - line.width : x;
    this.document.fillColor(colour);
    for (const run of line.runs) {
      const document = this.use(run.font, size);
      document.text(run.text, at, y, { lineBreak: false });
      if (line.runs.length > 1) at += document.widthOfString(run.text);
    }
  }

  private use(font: string, size: number): PDFKit.PDFDocument {
    if (!this.registered.has(font)) this.document.registerFont(font, fontFile(font));
    this.registered.add(font);
    return this.document.font(font).fontSize(size);
  }
}

/** Without its last characters, and with a sign that they are missing. */
function shortened(line: PlacedLine): PlacedLine {
  const runs = line.runs.map((run) => ({ ...run }));
  const last = runs.at(-1);
  if (last) last.text = `${last.text.slice(0, -2)}…`;
  return { runs, width: line.width };
}
