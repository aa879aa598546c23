import type { Roles } from '../src/config/schema.ts'

/**
 * What a user may do. A user has one role or more. The rights:
 * orders.see    how far each order has come, phones and e-mails masked
 * orders.read   what orders hold, and what was sent to amoCRM
 * orders.send   to send orders again, to accept refused requests, to stop the delivery
 * settings.see  what goes where in amoCRM, and what would become of an order
 * maintenance   the connection to amoCRM, caches, settings, alerts
 * people        who may sign in, who is signed in, and who did what; who has it can give himself every other right
 */
export default [
  {
    id: 'admin',
    desc: 'Всё',
    rights: ['orders.see', 'orders.read', 'orders.send', 'settings.see', 'maintenance', 'people'],
  },
  {
    id: 'operator',
    desc: 'Видит заказы целиком и отправляет их ещё раз',
    rights: ['orders.see', 'orders.read', 'orders.send', 'settings.see'],
  },
  { id: 'viewer', desc: 'Видит, как далеко продвинулся заказ, но не его содержание', rights: ['orders.see'] },
] satisfies Roles
