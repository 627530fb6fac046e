import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Pace } from '../src/pace.ts';

let frames: (() => void)[] = [];
const frame = () => frames.splice(0).forEach((one) => one());

beforeEach(() => {
  frames = [];
  vi.useFakeTimers();
  vi.stubGlobal('requestAnimationFrame', (one: () => void) => frames.push(one));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test('however often it is asked, it draws once a frame', () => {
  const draw = vi.fn();
  const pace = new Pace(draw);
  for (let n = 0; n < 10; n++) pace.ask();
  expect(draw).not.toHaveBeenCalled();
  frame();
  expect(draw).toHaveBeenCalledOnce();
  vi.runAllTimers();
  pace.ask();
  frame();
  expect(draw).toHaveBeenCalledTimes(2);
});

test('after a heavy frame the page is left to itself for longer, and what came meanwhile is drawn then', () => {
  const draw = vi.fn(() => vi.advanceTimersByTime(50));
  const pace = new Pace(draw);
  pace.ask();
  frame();
  vi.advanceTimersByTime(1);
  pace.ask();
  frame();
  expect(draw).toHaveBeenCalledOnce();
  vi.advanceTimersByTime(200);
  frame();
  expect(draw).toHaveBeenCalledTimes(2);
});

test('without a screen it draws at once', () => {
  vi.stubGlobal('requestAnimationFrame', undefined);
  const draw = vi.fn();
  new Pace(draw).ask();
  expect(draw).toHaveBeenCalledOnce();
});
