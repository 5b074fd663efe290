#!/usr/bin/env node
// The `intercept` command. Node 20 runs no TypeScript, so the first run after a change bundles cli/main.ts (0.3 s) and the
// others load that bundle. Needs `npm ci` and nothing else.
import { existsSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { findBundle } from './bundle.mjs'

const root = path.resolve(import.meta.dirname, '..')

// `run` passes its environment on to somebody's server, so it gets what its caller gave and no settings of ours.
if (process.argv[2] !== 'run' && existsSync(path.join(root, '.env'))) process.loadEnvFile(path.join(root, '.env'))
// From any folder the command speaks of this checkout's data.
process.env.DATA_DIR = path.resolve(root, process.env.DATA_DIR || '.data')
// A reader that closed early, as `| head` does, is no fault.
process.stdout.on('error', error => process.exit(error.code === 'EPIPE' ? 0 : 1))

const bundle = await findBundle(root)
const { main } = await import(pathToFileURL(bundle).href)
process.exitCode = await main(process.argv.slice(2))
