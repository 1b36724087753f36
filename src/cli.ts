/** The command line: hands the arguments on; every command lives in src/cli/. */
import { run } from './cli/run.ts'

process.exitCode = await run(process.argv.slice(2))
