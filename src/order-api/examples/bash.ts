import type { ExampleRequest } from './request.ts'

export function writeBash({ method, url, headers, body }: ExampleRequest): string {
  const parts = [
    `curl --request ${method} ${quote(url)}`,
    ...Object.entries(headers).map(([name, value]) => `--header ${quote(`${name}: ${value}`)}`),
    ...(body ? [`--data-raw ${quote(JSON.stringify(body, null, 2))}`] : []),
  ]
  return `${parts.join(' \\\n  ')}\n`
}

function quote(text: string) {
  return `'${text.replaceAll("'", "'\\''")}'`
}
