import type { TestProject } from 'vitest/node'
import { startMariadb, thatForgets } from './mariadb.ts'
import { ensurePrograms } from './programs.ts'
import { makeTemplates } from './templates.ts'
import { useMemoryForFiles } from './temporary-files.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** `mysql://root@127.0.0.1:<port>` */
    mariadbUrl: string
    templates: { sqliteFile: string; mysqlStatements: string }
  }
}

/** What all tests share: a private MariaDB, databases to copy, and programs that a fresh machine lacks. */
export default async function setup(project: TestProject) {
  ensurePrograms()
  const removeFiles = useMemoryForFiles()
  const mariadb = await startMariadb(thatForgets)
  const { remove, ...templates } = await makeTemplates(mariadb.url)
  project.provide('mariadbUrl', mariadb.url)
  project.provide('templates', templates)
  return async () => {
    remove()
    await mariadb.stop()
    removeFiles()
  }
}
