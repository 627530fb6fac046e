/** A cell of a terminal; `row` counts from the first line that is kept. */
export interface Cell {
  column: number;
  row: number;
}

/** What a terminal takes to select: from a cell on, so many cells, going on in the next line. */
export interface Range extends Cell {
  length: number;
}

const BREAKS = /[\s"'`()[\]{}<>|;,]/;

/** The word at a cell of a line; where there is none, the cell alone. */
export function wordAt(line: string, { column, row }: Cell): Range {
  const stops = (at: number) => BREAKS.test(line[at] ?? ' ');
  if (stops(column)) return { column, row, length: 1 };
  let from = column;
  let to = column;
  while (from > 0 && !stops(from - 1)) from -= 1;
  while (!stops(to + 1)) to += 1;
  return { column: from, row, length: to - from + 1 };
}

/** All from a word to a cell, wherever the finger went from there. */
export function upTo(word: Range, cell: Cell, columns: number): Range {
  const place = (one: Cell) => one.row * columns + one.column;
  const first = Math.min(place(word), place(cell));
  const last = Math.max(place(word) + word.length - 1, place(cell));
  return { column: first % columns, row: Math.floor(first / columns), length: last - first + 1 };
}
