import type { Instances } from './database/instances.ts'
import type { Live, Reloaded } from './live.ts'
import { createNotices, type NoticesOptions } from './notices.ts'

interface UpkeepOptions extends Omit<NoticesOptions, 'follow'> {
  instances: Pick<Instances, 'settingsRead'>
  live: () => { current: () => Live; reload: () => Promise<Reloaded> }
}

/** What people can do about the servers that run: what one does, all do. */
export function createUpkeep({ live, instances, ...options }: UpkeepOptions) {
  const notices = createNotices({
    ...options,
    follow: {
      settings: async () => instances.settingsRead((await live().reload()).faults),
      caches: () => forget(live().current().mirror.forgetOwn),
    },
  })

  /** Nothing that was read from the account counts as known. */
  async function forget(forgetMirror: () => void | Promise<void>) {
    await forgetMirror()
    await live().current().route.forget()
  }

  return {
    listen: notices.listen,

    async reload() {
      const reloaded = await live().reload()
      await instances.settingsRead(reloaded.faults)
      if (reloaded.faults.length === 0) await notices.tell('settings')
      return reloaded
    },

    async clearCaches() {
      await forget(live().current().mirror.forget)
      await notices.tell('caches')
    },
  }
}
