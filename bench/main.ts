import { benchCreateOrder } from './create-order.ts'
import { benchCrmTraffic } from './crm-traffic.ts'
import { benchDrain } from './drain.ts'
import { benchDurability } from './durability.ts'
import { benchFuzz } from './fuzz.ts'
import { benchInstallGuide } from './install-guide.ts'
import { benchIntake } from './intake.ts'
import { benchLatency } from './latency.ts'
import { benchMapping } from './mapping.ts'
import { benchMirror } from './mirror.ts'
import { benchPages } from './pages.ts'
import { benchRestart } from './restart.ts'
import { benchRetention } from './retention.ts'
import { benchScale } from './scale.ts'
import { benchSoak } from './soak.ts'

/** `npm run bench -- <subject>`; without a subject all of them but those that take half an hour. */
const subjects = new Map([
  ['intake', benchIntake],
  ['create-order', benchCreateOrder],
  ['durability', benchDurability],
  ['fuzz', benchFuzz],
  ['mapping', benchMapping],
  ['crm', benchCrmTraffic],
  ['mirror', benchMirror],
  ['drain', benchDrain],
  ['latency', benchLatency],
  ['scale', benchScale],
  ['pages', benchPages],
  ['soak', benchSoak],
  ['restart', benchRestart],
  ['retention', benchRetention],
  ['install-guide', benchInstallGuide],
])
const long = ['soak']

const wanted = process.argv.slice(2)
const unknown = wanted.filter((subject) => !subjects.has(subject))
if (unknown.length > 0) {
  console.error(`npm run bench -- <${[...subjects.keys()].join(' | ')}>`)
  process.exitCode = 2
} else {
  for (const subject of wanted.length > 0 ? wanted : [...subjects.keys()].filter((subject) => !long.includes(subject)))
    await subjects.get(subject)?.()
}
