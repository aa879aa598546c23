import { chromium } from 'playwright-core'
import { findProgram } from './programs.ts'

/** Real Chromium that talks to nobody but our own server. */
export function startBrowser() {
  const executablePath = findProgram('chromium')
  if (!executablePath) throw new Error('chromium is not installed')
  const quiet = [
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ]
  return chromium.launch({ executablePath, args: ['--no-sandbox', ...quiet] })
}
