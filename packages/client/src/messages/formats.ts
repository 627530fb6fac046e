// Numbers, times and sizes in the language that is spoken.
import { language, locale } from './spoken.svelte.ts';

/** Formats are costly to make and asked for with each line of a list. */
const made = new Map<string, unknown>();
function once<T>(kind: string, make: (locale: string) => T): T {
  const key = `${locale()} ${kind}`;
  const known = (made.get(key) as T | undefined) ?? make(locale());
  made.set(key, known);
  return known;
}

/** A number with the signs of its language; `digits` after its point. */
export const number = (value: number, digits = 0): string =>
  once(`number ${digits}`, (tag) => new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits })).format(value);

/** The form that goes with a count; `#` stands for the count itself. */
export function many(count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }): string {
  const rule = once('plural', (tag) => new Intl.PluralRules(tag)).select(count);
  return (forms[rule] ?? forms.other).replaceAll('#', () => number(count));
}

/** Several things in one breath: “a, b and c”. */
export const listed = (things: string[]): string => once('list', (tag) => new Intl.ListFormat(tag, { style: 'long', type: 'conjunction' })).format(things);

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes for people. */
export function bytes(count: number): string {
  let [amount, unit] = [count, 0];
  while (amount >= (unit === 0 ? 1000 : 999.5) && unit + 1 < UNITS.length) {
    amount /= 1000;
    unit += 1;
  }
  return `${number(amount, unit > 0 && amount < 9.95 ? 1 : 0)} ${UNITS[unit]}`;
}

/** An amount in dollars, as agents tell it. */
export const dollars = (amount: number): string =>
  once('dollars', (tag) => new Intl.NumberFormat(tag, { style: 'currency', currency: 'USD', currencyDisplay: 'narrowSymbol' })).format(amount);

const time = (at: string | number | Date, how: Intl.DateTimeFormatOptions) =>
  once(`time ${JSON.stringify(how)}`, (tag) => new Intl.DateTimeFormat(tag, how)).format(new Date(at));

/** A day and a time. */
export const when = (at: string | number): string => time(at, { dateStyle: 'medium', timeStyle: 'short' });
/** A time of the day. */
export const clock = (at: string | number): string => time(at, { hour: '2-digit', minute: '2-digit' });
/** A day, without its year. */
export const day = (at: string | number | Date): string => time(at, { weekday: 'short', day: 'numeric', month: 'short' });

/** A day of a month. */
export const dayShort = (at: string | number | Date): string => time(at, { day: 'numeric', month: 'short' });

/** A time of today, or the day with it. */
export function whenShort(at: number, now: number): string {
  const today = new Date(at).toDateString() === new Date(now).toDateString();
  return today ? time(at, { timeStyle: 'short' }) : when(at);
}

/** How long ago, shortly: `5m`. */
export function ago(then: string | number, now: number): string {
  const seconds = Math.max(0, Math.round((now - new Date(then).getTime()) / 1000));
  const [amount, unit] = seconds < 60 ? [seconds, 'second'] as const
    : seconds < 3600 ? [seconds / 60, 'minute'] as const
    : seconds < 86_400 ? [seconds / 3600, 'hour'] as const : [seconds / 86_400, 'day'] as const;
  // In English the narrow units are known to everybody; elsewhere they are too short to be read.
  const unitDisplay = language() === 'en' ? 'narrow' : 'short';
  return once(`ago ${unit}`, (tag) => new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay, maximumFractionDigits: 0 })).format(Math.floor(amount));
}
