/** What a role may be allowed. Every route of the pages asks for one of these. */
export const rights = [
  /** How far each order has come, and whose it is, with phones and e-mails masked. */
  'orders.see',
  /** What orders hold, and what was sent to amoCRM. */
  'orders.read',
  /** To send orders again, to accept refused requests, to stop the delivery. */
  'orders.send',
  /** What goes where in amoCRM, and what would become of an order. */
  'settings.see',
  /** The connection to amoCRM, caches, settings, alerts. */
  'maintenance',
  /** Who may sign in, who is signed in, and who did what. Who has it can give himself every other one. */
  'people',
] as const
export type Right = (typeof rights)[number]

/** Of the roles that Parom brings, where roles.ts does not say it. */
const usual: Record<string, readonly Right[]> = {
  admin: rights,
  operator: ['orders.see', 'orders.read', 'orders.send', 'settings.see'],
  viewer: ['orders.see'],
}

interface Role {
  id: string
  rights?: Right[] | undefined
}

export function rightsOfRole({ id, rights: own }: Role): readonly Right[] {
  return own ?? usual[id] ?? []
}

/** Of all these roles together. */
export function rightsOf(ids: string[], roles: Role[]): Right[] {
  const granted = new Set(roles.filter(({ id }) => ids.includes(id)).flatMap(rightsOfRole))
  return rights.filter((right) => granted.has(right))
}
