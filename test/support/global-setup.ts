import type { TestProject } from 'vitest/node'
import { startMariadb } from './mariadb.ts'
import { ensurePrograms } from './programs.ts'

declare module 'vitest' {
  export interface ProvidedContext {
    /** `mysql://root@127.0.0.1:<port>` */
    mariadbUrl: string
  }
}

/** What all tests share: a private MariaDB, and programs that a fresh machine lacks. */
export default async function setup(project: TestProject) {
  ensurePrograms()
  const mariadb = await startMariadb()
  project.provide('mariadbUrl', mariadb.url)
  return mariadb.stop
}
