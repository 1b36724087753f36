/** Prometheus' own checker, from Debian's package `prometheus`. */
import { execFileSync, spawnSync } from 'node:child_process'

/** What `promtool check metrics` has to say of a text; empty when there is nothing to mend. */
export function lintMetrics(text: string): string {
  const { error, status, stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  })
  if (error !== undefined) throw error
  const said = `${stdout}${stderr}`.trim()
  return status === 0 ? said : `${said} (status ${status})`
}

/** Throws with what it says when it is not content. */
export const promtool = (...args: string[]): string => execFileSync('promtool', args, { encoding: 'utf8' })
