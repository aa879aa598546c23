import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** The last line of a run: how many tests passed and failed, a file that could not even run among the failed. */
export default class CountReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]) {
    const tests = modules.flatMap((module): TestCase[] => [...module.children.allTests()])
    const count = (state: string) => tests.filter((test) => test.result().state === state).length
    const broken = modules.filter((module) => module.errors().length > 0).length + unhandled.length
    const failed = count('failed') + broken
    const skipped = count('skipped')
    process.once('exit', () => {
      if (skipped > 0) console.log(`${skipped} skipped`)
      console.log(`${count('passed')} passed, ${failed} failed`)
    })
  }
}
