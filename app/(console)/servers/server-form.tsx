'use client'

import type { ReactNode } from 'react'
import { CheckboxField, TextField } from '@/components/form/fields'
import { NameValueRows } from './name-value-rows'

/** How a server is reached, and what it is given. Values go in and never come out. */
export function ReachFields({
  transport,
  command,
  url,
  allowPrivate,
  isShared,
  isSse,
  children,
}: {
  transport: 'stdio' | 'http'
  command?: string
  url?: string
  allowPrivate?: boolean
  isShared?: boolean
  isSse?: boolean
  /** What stands before the rows, say the names that are set already. */
  children?: ReactNode
}) {
  if (transport === 'stdio') {
    return (
      <>
        <input type="hidden" name="transport" value="stdio" />
        <TextField
          name="command"
          label="Command"
          mono
          required
          defaultValue={command}
          placeholder="npx -y mistral-mcp"
          autoComplete="off"
          spellCheck={false}
          hint="Started by each proxy, without a shell. Quote an argument that holds blanks."
        />
        <CheckboxField
          name="isShared"
          label="One child for all sessions"
          defaultChecked={isShared ?? false}
          hint="Saves memory for a server that keeps nothing between calls. Everybody who may use it then reaches the same process: what it keeps for one, others may find. Left off, each session has a child of its own."
        />
        {children}
        <NameValueRows
          kind="environment"
          legend="Environment"
          namePlaceholder="MISTRAL_API_KEY"
          hint="Sealed when saved. Names are shown afterwards, values never."
        />
      </>
    )
  }
  return (
    <>
      <input type="hidden" name="transport" value="http" />
      <TextField
        name="url"
        label="Address"
        type="url"
        mono
        required
        defaultValue={url}
        placeholder="https://mcp.example.org/mcp"
        autoComplete="off"
        hint="The server’s Streamable HTTP endpoint. Credentials belong into a header."
      />
      <CheckboxField
        name="allowPrivate"
        label="Allow private addresses"
        defaultChecked={allowPrivate ?? false}
        hint="For a server in your own network or on this machine. Otherwise a name that leads there is refused."
      />
      <CheckboxField
        name="isSse"
        label="Speaks HTTP with SSE"
        defaultChecked={isSse ?? false}
        hint="The transport of 2024-11-05, before Streamable HTTP. Left off, it is used where the server takes no other."
      />
      {children}
      <NameValueRows
        kind="header"
        legend="Headers"
        namePlaceholder="Authorization"
        hint="Sealed when saved, and sent to this server only. Names are shown afterwards, values never."
      />
    </>
  )
}
