/** The file of a database as `openDatabase` takes it; null where it is a server's, or in memory alone. */
export function sqliteFile(url: string) {
  const [, file = null] = /^sqlite:(?!:memory:$)(.+)/.exec(url) ?? []
  return file
}
