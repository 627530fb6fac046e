/** The number at the app's icon: how many things wait. Where a platform has none, nothing happens. */
export async function badge(count: number): Promise<void> {
  try {
    if (count > 0) await navigator.setAppBadge?.(count);
    else await navigator.clearAppBadge?.();
  } catch {
    // Not installed, or not allowed.
  }
}
