#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node
// The way in for npm, npx and systemd. Plain JavaScript, so that Node's TypeScript stripper (some 20 MB a thread) stays out of
// memory once the compile cache is warm; one arena for malloc instead of one a thread. See decision 0006.
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const folder =
  process.env.NODE_COMPILE_CACHE ??
  fileURLToPath(new URL('../node_modules/.cache/tillbridge', import.meta.url))
enableCompileCache(folder)
// Worker threads look here.
process.env.NODE_COMPILE_CACHE = folder

await import('../src/cli.ts')
