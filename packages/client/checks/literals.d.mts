export function literalsIn(source: string, name: string): { line: number; text: string }[];
