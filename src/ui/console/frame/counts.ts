/** What waits for a person, as numbers beside the pages where it can be settled. */
import { blockingFaults } from '../../words/things.ts'
import { isTechnician, useConsole, useOrigins } from '../context.ts'
import type { RoutePath } from '../routes.ts'

export type Counts = Partial<Record<RoutePath, number>>

export function useCounts(): Counts {
  const { session, state } = useConsole()
  const { answer } = useOrigins(isTechnician(session.role.value))
  return {
    jobs: state.unknownJobs.value.length,
    devices: state.deviceList.value.filter((device) => blockingFaults(device).length > 0).length,
    network: answer.value?.origins.filter((origin) => origin.state === 'seen').length ?? 0,
  }
}
