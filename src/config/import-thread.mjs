// Plain JavaScript, as database/checkpoint-thread.mjs is.
import { parentPort } from 'node:worker_threads'

parentPort?.on('message', async (url) => {
  try {
    const { default: content } = await import(url)
    parentPort?.postMessage({ content })
  } catch (error) {
    // It would quote the function, and what stands in it.
    const isNoData = error instanceof DOMException && error.name === 'DataCloneError'
    const message = error instanceof Error ? error.message : String(error)
    parentPort?.postMessage({ fault: isNoData ? 'без функций' : message })
  }
})
