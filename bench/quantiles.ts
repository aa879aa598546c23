/** @param share 0 to 1 */
export function quantile(values: number[], share: number) {
  const index = Math.min(values.length - 1, Math.floor(values.length * share))
  return values.toSorted((a, b) => a - b)[index] ?? Number.NaN
}

export const median = (values: number[]) => quantile(values, 0.5)
