import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** What takes a minute or so though it is short: begun last, it would keep the whole suite waiting. */
const slow = [
  'delivery/clean-stop.test.ts',
  'delivery/two-servers.test.ts',
  'delivery/asleep.test.ts',
  'cli/commands.test.ts',
  'admin/hostile-orders.test.ts',
  'admin/accessibility.test.ts',
  'admin/runs-browser.test.ts',
  'admin/runs.test.ts',
  'golden-faults.test.ts',
  'cli/doctor.test.ts',
  'chaos.test.ts',
  'galera.test.ts',
  'intake/store-slow.test.ts',
  'intake/slow-senders.test.ts',
  'delivery/faults.test.ts',
  'delivery/batch-refused.test.ts',
]

/** Begins with the slow files. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]) {
    const sorted = await super.sort(files)
    const isSlow = ({ moduleId }: TestSpecification) => slow.some((file) => moduleId.endsWith(`test/${file}`))
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))]
  }
}
