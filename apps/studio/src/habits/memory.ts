/** What this browser keeps from one visit to the next. */

/** What is to be remembered in this visit where storage is refused, as in some private windows. */
const visit = new Map<string, string>();

const called = (name: string): string => `edgewise-${name}`;

export function remembered(name: string): string | undefined {
  try {
    return localStorage.getItem(called(name)) ?? visit.get(name);
  } catch {
    return visit.get(name);
  }
}

export function remember(name: string, value: string): void {
  visit.set(name, value);
  try {
    localStorage.setItem(called(name), value);
  } catch {
    // The visit remembers it.
  }
}
