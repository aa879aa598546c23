import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** What a page has that keeps somebody from using it, by axe: a line for each rule, with the elements. */
export async function violationsOf(page: Page, leftOut: string[] = []) {
  // Without the legacy mode each look opens a page of its own, for frames, of which there are none.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] })
  const { violations } = await axe.disableRules(leftOut).analyze()
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 150)).join(' | ')}`)
}
