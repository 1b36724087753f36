#!/usr/bin/env node
/** The command line: reads arguments and hands on; every command lives in src/cli/. */
import { enableCompileCache } from 'node:module'

// Types are stripped once and the result kept, so that the second start is quick.
enableCompileCache()

const { run } = await import('./cli/run.ts')
process.exitCode = await run(process.argv.slice(2))
