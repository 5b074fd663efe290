// A small stdio MCP server of our own: two tools over notes kept in memory. NOTES_PREFIX shows that sealed values arrive.
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js'
import { z } from 'zod'

const notes = new Map()
const server = new McpServer({ name: 'notes', version: '1.0.0' })
const text = value => ({ content: [{ type: 'text', text: value }] })

server.registerTool(
  'read_note',
  { description: 'Read a note', inputSchema: { name: z.string() }, annotations: { readOnlyHint: true } },
  ({ name }) => text(notes.get(name) ?? 'no such note'),
)
server.registerTool(
  'write_note',
  {
    description: 'Write a note',
    inputSchema: { name: z.string(), body: z.string() },
    annotations: { readOnlyHint: false },
  },
  ({ name, body }) => {
    notes.set(name, `${process.env.NOTES_PREFIX ?? ''}${body}`)
    return text('written')
  },
)
await server.connect(new StdioServerTransport())
