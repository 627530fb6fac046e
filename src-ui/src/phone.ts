/** Whose steps a phone needs, as far as it says what it runs on. */
export function phoneOf(platform: string): 'ios' | 'android' | 'other' {
  if (/ios|iphone|ipad/i.test(platform)) return 'ios';
  return /android/i.test(platform) ? 'android' : 'other';
}
