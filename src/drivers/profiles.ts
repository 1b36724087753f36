/** Profiles: the data of each model, read from config/profiles/<driver>/<maker>-<model>.json and checked. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { errorText, HubError } from '../protocol/errors.ts'
import type { Driver, Profile } from './driver.ts'

export const profileLimits = {
  /** Longest identity text that is matched, in characters. */
  identityCharsMax: 400,
} as const

const fileEnding = '.json'

export const profileSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'is not a profile id such as epson-tm-t88v'),
  driver: z.string().min(1),
  name: z.string().min(1).max(80),
  maker: z.string().min(1).max(80),
  identity: z.array(z.string().min(1).max(200)).optional(),
  settings: z.record(z.string(), z.unknown()),
  match: z
    .array(
      z
        .strictObject({
          usb: z
            .string()
            .regex(/^[0-9a-f]{4}:([0-9a-f]{4}|\*)$/, 'is not vid:pid in lower-case hex')
            .exactOptional(),
          product: z.string().min(1).max(200).exactOptional(),
          hid: z
            .string()
            .regex(/^[0-9a-f]{2,4}:([0-9a-f]{2,4}|\*)$/, 'is not page:usage in lower-case hex')
            .exactOptional(),
          usbInterface: z
            .string()
            .regex(/^[0-9a-f]{2}:([0-9a-f]{2}|\*):([0-9a-f]{2}|\*)$/, 'is not class:subclass:protocol')
            .exactOptional(),
          commands: z.string().min(1).max(100).exactOptional(),
        })
        .refine((match) => Object.keys(match).length > 0, { message: 'says nothing' }),
    )
    .optional(),
  port: z.record(z.string(), z.string()).optional(),
  quirks: z.array(
    z.strictObject({
      name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'is not a name in lower case'),
      value: z.union([z.string(), z.number(), z.boolean(), z.array(z.number())]).optional(),
      reason: z.string().min(1),
    }),
  ),
  sources: z.array(z.string().min(1)).min(1),
})

/** What profiles need of a driver. */
export type ProfileDriver = Pick<Driver, 'id' | 'settings'>

/**
 * Reads every profile below `folder`, once, at the start: one folder a driver, one file a model. A file that is not right is
 * left out and told as a sentence with file and reason, so that one bad file does not cost a shop its other printers.
 */
export function loadProfiles(
  folder: string,
  drivers: readonly ProfileDriver[],
): { profiles: readonly Profile[]; problems: readonly string[] } {
  const profiles: Profile[] = []
  const problems: string[] = []
  const attempt = <T>(file: string, read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      problems.push((error instanceof HubError ? error : invalid(file, errorText(error))).message)
      return undefined
    }
  }
  for (const name of attempt(folder, () => readdirSync(folder).sort()) ?? []) {
    const driver = drivers.find(({ id }) => id === name)
    const path = join(folder, name)
    if (driver === undefined) {
      problems.push(invalid(path, `there is no driver ${name}`).message)
      continue
    }
    for (const file of attempt(path, () => readdirSync(path).sort(genericFirst)) ?? []) {
      if (!file.endsWith(fileEnding)) continue
      const profilePath = join(path, file)
      const id = file.slice(0, -fileEnding.length)
      const read = () => readProfile(readFileSync(profilePath, 'utf8'), profilePath, id, driver)
      const profile = attempt(profilePath, read)
      if (profile !== undefined) profiles.push(profile)
    }
  }
  return { profiles, problems }
}

/** The first profile of a driver is the one for models that nothing is known of. */
function genericFirst(a: string, b: string): number {
  const rank = (file: string) =>
    file.startsWith('generic') ? `0${file.slice(0, -fileEnding.length)}` : `1${file}`
  return rank(a) < rank(b) ? -1 : 1
}

/**
 * The profile whose identity fits what a device or an announcement says of itself. Of several the one that fits the longest
 * part wins, so that a TM-T88VII is not taken for a TM-T88V. `driver` keeps to the profiles of one driver.
 */
export function matchProfile(
  profiles: readonly Profile[],
  words: string,
  driver?: string,
): Profile | undefined {
  const text = words.slice(0, profileLimits.identityCharsMax)
  let best: { profile: Profile; length: number } | undefined
  for (const profile of profiles) {
    if (driver !== undefined && profile.driver !== driver) continue
    for (const pattern of profile.identity ?? []) {
      const length = new RegExp(pattern, 'i').exec(text)?.[0].length ?? 0
      if (length > (best?.length ?? 0)) best = { profile, length }
    }
  }
  return best?.profile
}

/** One profile out of its text. Throws HubError `profile_invalid`. `id`: what the file's name says. */
export function readProfile(text: string, file: string, id: string, driver: ProfileDriver): Profile {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw invalid(file, errorText(error))
  }
  const parsed = profileSchema.safeParse(value)
  if (!parsed.success) throw invalid(file, issueText(parsed.error))
  const { identity, match, port, quirks, ...rest } = parsed.data
  if (rest.id !== id) throw invalid(file, `its id is ${rest.id}`)
  if (rest.driver !== driver.id) throw invalid(file, `it is of the driver ${rest.driver}`)
  const settings = driver.settings.safeParse(rest.settings)
  if (!settings.success) throw invalid(file, issueText(settings.error, 'settings'))
  for (const pattern of identity ?? []) checkPattern('identity', pattern, file)
  for (const { product, commands } of match ?? [])
    for (const pattern of [product, commands]) if (pattern !== undefined) checkPattern('match', pattern, file)
  return {
    ...rest,
    ...(identity === undefined ? {} : { identity }),
    ...(match === undefined ? {} : { match }),
    ...(port === undefined ? {} : { port }),
    quirks: quirks.map(({ value, ...quirk }) => (value === undefined ? quirk : { ...quirk, value })),
  }
}

function checkPattern(field: string, pattern: string, file: string): void {
  try {
    new RegExp(pattern, 'i')
  } catch (error) {
    throw invalid(file, `${field}: ${errorText(error)}`)
  }
}

function issueText(error: z.ZodError, prefix?: string): string {
  const issue = error.issues[0]
  if (issue === undefined) return 'it is not a profile'
  const path = [...(prefix === undefined ? [] : [prefix]), ...issue.path.map(String)].join('.')
  return path === '' ? issue.message : `${path}: ${issue.message}`
}

function invalid(file: string, reason: string): HubError {
  return new HubError('profile_invalid', { file, reason })
}
