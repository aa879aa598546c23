/** A text as people compare it: case, ё and spaces do not count. */
export function looseText(text: string) {
  return text.trim().replace(/\s+/g, ' ').toLowerCase().replaceAll('ё', 'е')
}
