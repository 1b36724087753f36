/** The pages of the console: address, name, icon, group, who sees them, and where their code is. */
import type { Role } from '../../protocol/access.ts'
import type { IconName } from '../parts/icon.tsx'
import type { LoadView } from '../parts/lazy.tsx'

export type RoutePath =
  | ''
  | 'devices'
  | 'ports'
  | 'jobs'
  | 'events'
  | 'tills'
  | 'users'
  | 'audit'
  | 'network'
  | 'log'
  | 'config'
  | 'backup'
  | 'about'
export type RouteGroup = 'shop' | 'access' | 'box'

export interface Route {
  /** The first part of the address after `#/`. */
  path: RoutePath
  icon: IconName
  group: RouteGroup
  roles: readonly Role[]
  /** Stands below this one in the list. */
  under?: RoutePath
  load: LoadView
}

const everyone: readonly Role[] = ['cashier', 'technician', 'monitor', 'owner']
const technicians: readonly Role[] = ['technician', 'owner']
const owners: readonly Role[] = ['owner']

export const routes: readonly Route[] = [
  {
    path: '',
    icon: 'overview',
    group: 'shop',
    roles: everyone,
    load: async () => (await import('./views/overview/overview.tsx')).OverviewView,
  },
  {
    path: 'devices',
    icon: 'printer',
    group: 'shop',
    roles: everyone,
    load: async () => (await import('./views/devices/devices.tsx')).DevicesView,
  },
  {
    path: 'ports',
    icon: 'plug',
    group: 'shop',
    roles: technicians,
    under: 'devices',
    load: async () => (await import('./views/devices/ports.tsx')).PortsView,
  },
  {
    path: 'jobs',
    icon: 'jobs',
    group: 'shop',
    roles: everyone,
    load: async () => (await import('./views/jobs/jobs.tsx')).JobsView,
  },
  {
    path: 'events',
    icon: 'events',
    group: 'shop',
    roles: everyone,
    load: async () => (await import('./views/jobs/events.tsx')).EventsView,
  },
  {
    path: 'tills',
    icon: 'tills',
    group: 'access',
    roles: technicians,
    load: async () => (await import('./views/access/tills.tsx')).TillsView,
  },
  {
    path: 'users',
    icon: 'users',
    group: 'access',
    roles: owners,
    load: async () => (await import('./views/access/users.tsx')).UsersView,
  },
  {
    path: 'audit',
    icon: 'audit',
    group: 'access',
    roles: technicians,
    load: async () => (await import('./views/access/audit.tsx')).AuditView,
  },
  {
    path: 'network',
    icon: 'network',
    group: 'box',
    roles: technicians,
    load: async () => (await import('./views/box/network.tsx')).NetworkView,
  },
  {
    path: 'log',
    icon: 'log',
    group: 'box',
    roles: technicians,
    load: async () => (await import('./views/box/log.tsx')).LogView,
  },
  {
    path: 'config',
    icon: 'config',
    group: 'box',
    roles: technicians,
    load: async () => (await import('./views/box/config.tsx')).ConfigView,
  },
  {
    path: 'backup',
    icon: 'backup',
    group: 'box',
    roles: technicians,
    load: async () => (await import('./views/box/backup.tsx')).BackupView,
  },
  {
    path: 'about',
    icon: 'about',
    group: 'box',
    roles: everyone,
    load: async () => (await import('./views/box/about.tsx')).AboutView,
  },
]

/** The page of an address for a role; the first page when there is none, or the role may not see it. */
export function routeOf(address: string, shown: readonly Route[]): Route | undefined {
  const path = address.split(/[/?]/)[0] ?? ''
  return shown.find((route) => route.path === path) ?? shown[0]
}
