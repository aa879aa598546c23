import type { SystemConfig } from '../../src/config/schema.ts'

/** How long what was read from amoCRM is kept before it is read again, in seconds. */
export default {
  cache: {
    all_contacts: { ttl: 5 * 60, desc: 'Контакты партнёров' },
    all_companies: { ttl: 15 * 60, desc: 'Компании' },
    all_products: { ttl: 5 * 60 * 60, desc: 'Товары из каталога' },
    custom_fields_leads: { ttl: 2 * 60 * 60, desc: 'Поля сделок' },
    custom_fields_contacts: { ttl: 2 * 60 * 60, desc: 'Поля контактов' },
    custom_fields_companies: { ttl: 2 * 60 * 60, desc: 'Поля компаний' },
    all_pipelines: { ttl: 2 * 60 * 60, desc: 'Воронки и этапы' },
    account: { ttl: 24 * 60 * 60, desc: 'Аккаунт: часовой пояс и валюта' },
    users: { ttl: 24 * 60 * 60, desc: 'Пользователи аккаунта' },
    catalogs: { ttl: 24 * 60 * 60, desc: 'Каталоги' },
    field_groups: { ttl: 24 * 60 * 60, desc: 'Вкладки карточек с полями' },
  },
} satisfies SystemConfig
