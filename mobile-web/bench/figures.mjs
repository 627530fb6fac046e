/** Many times, as a person reads them. */
export function times(list) {
  const sorted = [...list].sort((a, b) => a - b);
  const at = (part) => Number(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))].toFixed(1));
  return { 'median ms': at(0.5), 'p95 ms': at(0.95), of: sorted.length };
}

/** What the page holds after a collection: its own objects in MB, and nodes. */
export async function held(cdp) {
  await cdp.send('HeapProfiler.collectGarbage');
  const { metrics } = await cdp.send('Performance.getMetrics');
  const of = (name) => metrics.find((metric) => metric.name === name).value;
  return { 'heap MB': Number((of('JSHeapUsedSize') / 1e6).toFixed(2)), nodes: of('Nodes') };
}
