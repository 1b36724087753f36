/** `tillbridge start`: runs the hub until it is told to stop. */
import { type Command, exitCodes } from './run.ts'

const text = (value: string | boolean | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined

export const start: Command = {
  summary: 'Start the hub',
  usage: '[--http PORT] [--https PORT] [--bind ADDRESS] [--config FILE] [--demo|--no-demo]',
  options: {
    http: { type: 'string', help: 'port for http (default 8080; 0 picks a free one)' },
    https: { type: 'string', help: 'port for https (default 8443; 0 picks a free one)' },
    bind: { type: 'string', help: 'address to listen on (default 127.0.0.1; 0.0.0.0 for the LAN)' },
    config: { type: 'string', help: 'configuration file (default DATA/tillbridge.toml)' },
    log: { type: 'string', help: 'trace, debug, info, warn, error or silent' },
    build: {
      type: 'boolean',
      help: 'build the console when it is not built (default); --no-build leaves it',
    },
    demo: { type: 'boolean', help: 'add simulated devices; --no-demo leaves them out' },
  },
  async run({ options, print }) {
    const { runHub } = await import('../main.ts')
    await runHub(
      {
        data: text(options.data),
        config: text(options.config),
        http: text(options.http),
        https: text(options.https),
        bind: text(options.bind),
        log: text(options.log),
        build: options.build !== false,
        demo: typeof options.demo === 'boolean' ? options.demo : undefined,
      },
      ({ url, https, setup }) => {
        print({ ready: url, https, setup }, `ready ${url}`)
        if (setup !== undefined && options.json !== true) print(undefined, `set up this hub: ${setup}`)
      },
    )
    return exitCodes.ok
  },
}
