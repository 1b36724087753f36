/** Methods of leases and jobs. */
import type { jobMethods } from '../../protocol/methods/jobs.ts'
import { repeatJob } from '../jobs/job-repeat.ts'
import type { HandlersOf, HandlerTools } from './handlers.ts'

export function jobHandlers(tools: HandlerTools): HandlersOf<typeof jobMethods> {
  const { devices, jobs, leases } = tools
  return {
    'lease.acquire': ({ device, ms }, caller) => {
      devices.mustGet(device)
      return leases.acquire(device, ms, caller)
    },
    'lease.renew': ({ lease, ms }, caller) => leases.renew(lease, ms, caller),
    'lease.release': ({ lease }, caller) => {
      leases.release(lease, caller)
      return {}
    },

    'job.submit': (params, caller) => jobs.submit(params, caller),
    'job.get': ({ id }) => jobs.get(id),
    'job.list': (filter) => jobs.list(filter),
    'job.cancel': ({ id }) => jobs.cancel(id),
    'job.settle': ({ id, outcome }) => jobs.settle(id, outcome),
    'job.repeat': (params, caller) => repeatJob(params, tools, caller),
    'job.wait': ({ id, ms }) => jobs.wait(id, ms),
  }
}
