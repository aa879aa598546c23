import type { Roles } from '../src/config/schema.ts'

/** What a user may do. A user has one role or more. */
export default [
  { id: 'admin', desc: 'Всё: заказы, настройки, подключение к amoCRM, пользователи' },
  { id: 'operator', desc: 'Видит заказы и отправляет их повторно' },
  { id: 'viewer', desc: 'Только смотрит; телефоны и e-mail скрыты' },
] satisfies Roles
