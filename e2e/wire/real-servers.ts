import path from 'node:path'
import { fileOf, serversFolder } from './third-party'

/** A server that other people wrote, and one call of it that harms nobody. */
interface HarmlessCall {
  readonly name: string
  readonly arguments: Record<string, unknown>
  /** What the answer must hold, so that two equal failures are no success. */
  readonly says: RegExp
}

/** A server that other people wrote, and calls of it that harm nobody. */
export interface RealServer {
  /** Arguments of `node`. `folder` is one that the server may use. */
  readonly command: (folder: string) => string[]
  readonly environment?: Record<string, string>
  readonly calls: (folder: string) => HarmlessCall[]
  /** Tools that it shows to this client and not to a scan, so that they wait for approval. */
  readonly hidden?: string[]
  /** A program that it drives, and without which it cannot be tried. */
  readonly needs?: string
  /** What it asks of its client. */
  readonly asks?: string[]
}

const chromium = process.env.CHROMIUM_PATH ?? '/usr/bin/chromium'
const api = path.join(serversFolder, 'mistral-api.mjs')
const of = (...parts: string[]) => fileOf(...parts)

export const realServers: Record<string, RealServer> = {
  everything: {
    command: () => [of('@modelcontextprotocol/server-everything/dist/index.js'), 'stdio'],
    calls: () => [
      { name: 'get-sum', arguments: { a: 2, b: 40 }, says: /42/ },
      { name: 'get-roots-list', arguments: {}, says: /a root/ },
      { name: 'trigger-sampling-request', arguments: { prompt: 'p', maxTokens: 5 }, says: /sampled words/ },
      { name: 'trigger-elicitation-request', arguments: {}, says: /declined/ },
    ],
    hidden: ['get-roots-list', 'trigger-elicitation-request', 'trigger-sampling-request'],
    asks: ['roots/list', 'sampling/createMessage', 'elicitation/create'],
  },
  filesystem: {
    command: folder => [of('@modelcontextprotocol/server-filesystem/dist/index.js'), folder],
    calls: folder => [
      { name: 'read_text_file', arguments: { path: path.join(folder, 'note.txt') }, says: /a note of the test/ },
    ],
    asks: ['roots/list'],
  },
  memory: {
    command: () => [of('@modelcontextprotocol/server-memory/dist/index.js')],
    calls: () => [{ name: 'read_graph', arguments: {}, says: /entities/ }],
  },
  'playwright-mcp': {
    command: () => [
      of('@playwright/mcp/cli.js'),
      '--headless',
      '--isolated',
      '--no-sandbox',
      '--executable-path',
      chromium,
    ],
    needs: chromium,
    calls: () => [{ name: 'browser_tabs', arguments: { action: 'list' }, says: /about:blank/ }],
  },
  'chrome-devtools-mcp': {
    command: () => [
      of('chrome-devtools-mcp/build/src/bin/chrome-devtools-mcp.js'),
      '--headless',
      '--isolated',
      '--chromeArg=--no-sandbox',
      '--executablePath',
      chromium,
    ],
    needs: chromium,
    calls: () => [{ name: 'list_pages', arguments: {}, says: /about:blank/ }],
    asks: ['roots/list'],
  },
  'desktop-commander': {
    command: () => [of('@wonderwhy-er/desktop-commander/dist/index.js'), '--no-onboarding'],
    calls: () => [{ name: 'list_sessions', arguments: {}, says: /session/i }],
  },
  mongodb: {
    command: () => [of('mongodb-mcp-server/dist/esm/index.js')],
    environment: { MDB_MCP_TELEMETRY: 'disabled' },
    calls: () => [{ name: 'list-databases', arguments: {}, says: /connect/i }],
  },
  context7: {
    command: () => [of('@upstash/context7-mcp/dist/index.js')],
    calls: () => [{ name: 'resolve-library-id', arguments: { libraryName: 'react', query: 'hooks' }, says: /./ }],
  },
  n8n: {
    command: () => [of('n8n-mcp/dist/mcp/stdio-wrapper.js')],
    environment: { N8N_MCP_TELEMETRY_DISABLED: 'true', MCP_MODE: 'stdio', LOG_LEVEL: 'error' },
    calls: () => [{ name: 'tools_documentation', arguments: {}, says: /n8n/i }],
  },
  mistral: {
    command: () => [path.resolve(serversFolder, '../../node_modules/mistral-mcp/dist/index.js')],
    environment: { MISTRAL_API_KEY: 'not-a-key', NODE_OPTIONS: `--import ${api}` },
    calls: () => [
      { name: 'workflow_interact', arguments: { action: 'query', executionId: 'e1', name: 'progress' }, says: /50/ },
    ],
  },
}
