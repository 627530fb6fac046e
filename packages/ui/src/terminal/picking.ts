import type { Terminal } from '@xterm/xterm';
import type { Point } from './gestures.ts';
import { upTo, wordAt, type Cell, type Range } from './selection.ts';

/** Chooses text in a terminal by finger, and scrolls it; the terminal's own way needs a mouse. */
export class Picking {
  private word: Range | null = null;
  private rest = 0;

  constructor(
    private readonly terminal: Terminal,
    private readonly place: HTMLElement,
  ) {}

  private get screen(): { box: DOMRect; height: number; width: number } | null {
    const box = this.place.querySelector('.xterm-screen')?.getBoundingClientRect();
    if (!box || box.height === 0) return null;
    return { box, height: box.height / this.terminal.rows, width: box.width / this.terminal.cols };
  }

  private cell(at: Point): Cell | null {
    const screen = this.screen;
    if (!screen) return null;
    const within = (value: number, most: number) => Math.max(0, Math.min(most - 1, Math.floor(value)));
    return {
      column: within((at.x - screen.box.left) / screen.width, this.terminal.cols),
      row: within((at.y - screen.box.top) / screen.height, this.terminal.rows) + this.terminal.buffer.active.viewportY,
    };
  }

  begin(at: Point): void {
    const cell = this.cell(at);
    if (!cell) return;
    const line = this.terminal.buffer.active.getLine(cell.row);
    // A wide letter has two cells, and text one place for both.
    const cells = Array.from({ length: this.terminal.cols }, (_, column) => line?.getCell(column)?.getChars() || (line?.getCell(column)?.getWidth() === 0 ? '_' : ' '));
    this.word = wordAt(cells.map((letters) => letters[0]).join(''), cell);
    this.select(this.word);
  }

  extend(to: Point): void {
    const cell = this.cell(to);
    if (cell && this.word) this.select(upTo(this.word, cell, this.terminal.cols));
  }

  private select({ column, row, length }: Range): void {
    this.terminal.select(column, row, length);
  }

  /** By lines in what was said; a program that has the whole screen, or the mouse, gets a wheel's turn. */
  scroll(by: number, at: Point): void {
    const screen = this.screen;
    if (!screen) return;
    this.rest += by / screen.height;
    const lines = Math.trunc(this.rest);
    if (lines === 0) return;
    this.rest -= lines;
    if (this.terminal.buffer.active.type === 'normal' && this.terminal.modes.mouseTrackingMode === 'none') {
      this.terminal.scrollLines(lines);
      return;
    }
    const turn = { deltaY: lines, deltaMode: WheelEvent.DOM_DELTA_LINE, clientX: at.x, clientY: at.y, bubbles: true, cancelable: true };
    this.place.querySelector('.xterm-screen')?.dispatchEvent(new WheelEvent('wheel', turn));
  }
}
