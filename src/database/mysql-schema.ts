import { mysqlMigrations } from './migrate.ts'

/** The whole MySQL schema as one script, for those who import by hand; the migrations then find nothing left to do. */
export async function mysqlSchema() {
  const migrations = await mysqlMigrations()
  const applied = migrations.map(({ name, checksum }) => `  ('${name}', '${checksum}')`).join(',\n')
  return [
    '-- Made from db/migrations/mysql by `npx parom mysql-schema`. Parom applies them by itself; import this only to do it by hand.\n',
    ...migrations.map(({ text }) => text),
    'CREATE TABLE IF NOT EXISTS schema_migrations (name VARCHAR(190) NOT NULL PRIMARY KEY, checksum CHAR(64) NOT NULL);\n',
    `INSERT INTO schema_migrations (name, checksum) VALUES\n${applied};\n`,
  ].join('\n')
}
