import { expect, it } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { keepWhatNeedsRestart } from '../../src/config/restart.ts'

it('settings of another environment are not taken while orders go to the account of this one', async () => {
  const config = await loadConfig({ ENV_TYPE: 'local' })
  expect(() => keepWhatNeedsRestart({ ...config, env: 'prod' }, config)).toThrow('.env.type: ожидается среда local')
  expect(keepWhatNeedsRestart(config, config).needsRestart).toEqual([])
})
