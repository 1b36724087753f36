/** The configuration file as the console shows and changes it. Rules in docs/care.md. */
import { existsSync } from 'node:fs'
import { chmod, copyFile, readFile, realpath, rm } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { parse as parseToml } from 'smol-toml'
import { z } from 'zod'
import { errorText, HubError } from '../../protocol/errors.ts'
import type { Params, Result } from '../../protocol/methods.ts'
import { type Config, configSchema, parseConfig, readConfigFile } from '../config.ts'
import { withoutSecrets } from '../devices/masking.ts'
import { writeSecret } from '../tls/secret-file.ts'
import { editToml } from './toml-edit.ts'

export const configFileLimits = { bytesMax: 1_000_000 } as const

export interface ConfigFileTools {
  file: string
  overridden: readonly string[]
  /** What a start would begin with now: the file with flags and environment on top. Throws `config_invalid`. */
  load(): Config
  /** What the hub runs with. */
  running: Config
}

type JsonSchema = Record<string, unknown>

/** The schema of the file, draft 2020-12; `readOnly` for what is changed at the box only. */
export const configJsonSchema = (): JsonSchema =>
  z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }) as JsonSchema

export class ConfigFile {
  readonly #tools: ConfigFileTools
  /** Values in force now: of the start, and of what could be put into force since. */
  readonly #inForce: Record<string, unknown>
  #writing: Promise<unknown> = Promise.resolve()
  #schema: JsonSchema | undefined

  constructor(tools: ConfigFileTools) {
    this.#tools = tools
    this.#inForce = leaves(tools.running)
  }

  /** Throws `config_invalid` when the file is broken. */
  get(): Result<'config.get'> {
    const { file, overridden } = this.#tools
    // `load` would answer with the last good copy.
    if (existsSync(file)) readConfigFile(file)
    const config = this.#tools.load()
    const wanted = leaves(config)
    const paths = new Set([...Object.keys(wanted), ...Object.keys(this.#inForce)])
    this.#schema ??= configJsonSchema()
    return {
      file,
      values: withoutSecrets(config),
      restart: [...paths].filter((path) => !isDeepStrictEqual(wanted[path], this.#inForce[path])).sort(),
      overridden: [...overridden],
      schema: this.#schema,
    }
  }

  /** Tells that the value of a path is in force without a restart. */
  applied(path: string, value: unknown): void {
    this.#inForce[path] = value
  }

  /** Changes are written one after another. Throws `config_invalid`, `config_fixed`, `store_unavailable`. */
  change(changes: Params<'config.set'>['changes']): Promise<void> {
    const changing = this.#writing.then(() => this.#change(changes))
    this.#writing = changing.catch(() => {})
    return changing
  }

  async #change(changes: Params<'config.set'>['changes']): Promise<void> {
    const { file, overridden } = this.#tools
    const invalid = (path: string, reason: string) => new HubError('config_invalid', { file, path, reason })
    this.#schema ??= configJsonSchema()
    if (existsSync(file)) readConfigFile(file)
    const before = existsSync(file) ? await readFile(file, 'utf8') : ''
    let text = before
    for (const { path, value } of changes) {
      const setting = schemaOf(this.#schema, path)
      if (setting === undefined) throw invalid(path, 'is not a setting')
      if (overridden.includes(path)) throw new HubError('config_fixed', { path })
      if (setting.readOnly === true) throw invalid(path, 'is changed in the file only, at the box')
      const edit = editToml(text, { path: path.split('.'), value: value === null ? undefined : value })
      if ('refused' in edit) throw invalid(path, edit.refused)
      text = edit.text
    }
    parseConfig(parseToml(text), file)
    if (Buffer.byteLength(text) > configFileLimits.bytesMax)
      throw invalid('the file', `is longer than ${configFileLimits.bytesMax} bytes`)
    if (text !== before) await this.#write(text)
  }

  async #write(text: string): Promise<void> {
    const { file } = this.#tools
    try {
      // What a link leads to is changed, not the link.
      const target = existsSync(file) ? await realpath(file) : file
      if (existsSync(target)) {
        await rm(`${target}.bak`, { force: true })
        await copyFile(target, `${target}.bak`)
        await chmod(`${target}.bak`, 0o600)
      }
      await writeSecret(target, text)
    } catch (error) {
      throw new HubError('store_unavailable', { reason: errorText(error) }, error)
    }
  }
}

/** The schema of a single setting; undefined for a section, and for what there is not. */
function schemaOf(root: JsonSchema, path: string): JsonSchema | undefined {
  let schema: JsonSchema | undefined = root
  for (const name of path.split('.')) {
    const properties: unknown = schema?.properties
    if (typeof properties !== 'object' || properties === null || !Object.hasOwn(properties, name))
      return undefined
    schema = (properties as Record<string, JsonSchema>)[name]
  }
  return schema?.properties === undefined ? schema : undefined
}

/** Path to value: tables are gone into, lists are values. */
function leaves(value: object, before = ''): Record<string, unknown> {
  const found: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const path = before + name
    if (typeof inner === 'object' && inner !== null && !Array.isArray(inner))
      Object.assign(found, leaves(inner, `${path}.`))
    else found[path] = inner
  }
  return found
}
