export interface Slots {
  takes: string[];
  says: Set<string>;
}
export function messagesIn(source: string): Map<string, Slots>;
export function differences(measure: Map<string, Slots>, other: Map<string, Slots>): string[];
