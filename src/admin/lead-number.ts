/** Of a lead's number, or of its address as copied from the browser; null for anything else. */
export function leadNumber(text: string) {
  const [, digits] = /^(?:https?:\/\/[^/\s]+\/leads\/detail\/)?(\d{1,15})\/?(?:[?#]\S*)?$/i.exec(text.trim()) ?? []
  return Number(digits) || null
}
