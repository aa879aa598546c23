import { writeBash } from './bash.ts'
import { writeJavascript } from './javascript.ts'
import { writePhp } from './php.ts'
import { writePython } from './python.ts'
import type { ExampleRequest } from './request.ts'

/** In which the examples are written, and by what they are called. */
export const languages: Record<string, { title: string; write: (request: ExampleRequest) => string }> = {
  bash: { title: 'bash', write: writeBash },
  javascript: { title: 'JavaScript', write: writeJavascript },
  php: { title: 'PHP', write: writePhp },
  python: { title: 'Python', write: writePython },
}
