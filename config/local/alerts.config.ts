import type { AlertsConfig } from '../../src/config/schema.ts'

/**
 * Of what word is sent, and to whom: once when it begins, and once when it is over. Secrets are best kept in a variable (also
 * in .env beside this file) and named here by a $. /app/alerts shows how things are and sends a test.
 */
export default {
  channels: {
    // telegram: {
    //   token: '$TELEGRAM_TOKEN', // of a bot that @BotFather made
    //   chats: ['-1001234567890', '@parom_alerts'], // groups, channels or people who have written to the bot
    //   // api: 'https://api.telegram.org',
    // },
    // email: {
    //   smtp: '$SMTP_URL', // smtps://user:password@mail.example.ru:465, or { host, port, user, password, tls: 'always' | 'if_offered' | 'never' }
    //   from: 'Паром <parom@example.ru>',
    //   to: ['shop@example.ru'],
    // },
    // webhook: {
    //   url: 'https://example.ru/alerts', // gets a POST of JSON
    //   secret: '$ALERTS_SECRET', // whsec_… (npx parom hash-token --signing): signs it as https://www.standardwebhooks.com
    // },
  },
  rules: {
    needs_person: true, // an order waits for a person; false switches a rule off
    oldest_waiting: { minutes: 15 }, // an order has been waiting for longer
    connection_lost: true, // amoCRM does not let us in
    connection_ends: { days: 14 }, // the access to amoCRM ends within so many days
    no_orders: false, // { hours: 3, from: '09:00', to: '18:00', days: ['mon', 'tue', 'wed', 'thu', 'fri'], time_zone: 'Europe/Moscow' }: none came for so many working hours
    database: true, // it cannot be written to for a minute
    disk: { percent: 10, gigabytes: 1 }, // less than either is free where the SQLite file lies
  },
  // quiet_hours: { from: '22:00', to: '08:00' }, // then only connection_lost, database and disk are told, the rest afterwards
} satisfies AlertsConfig
