import type { Roles } from '../src/config/schema.ts'

/** What a user may do. A user has one role or more. */
export default [
  { id: 'admin', desc: 'Всё' },
  { id: 'operator', desc: 'Видит заказы целиком и отправляет их ещё раз' },
  { id: 'viewer', desc: 'Видит, как далеко продвинулся заказ, но не его содержание' },
] satisfies Roles
