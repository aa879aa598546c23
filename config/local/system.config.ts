import type { SystemConfig } from '../../src/config/schema.ts'

/** How long what was read from amoCRM is kept before it is read again, in seconds. */
export default {
  cache: {
    all_contacts: { ttl: 5 * 60, desc: 'Контакты партнёров' },
    all_products: { ttl: 5 * 60 * 60, desc: 'Товары из каталога' },
    custom_fields_leads: { ttl: 2 * 60 * 60, desc: 'Поля сделок' },
  },
} satisfies SystemConfig
