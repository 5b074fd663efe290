'use client'

import { z } from 'zod'
import { TextField } from '@/components/form/fields'
import { Form } from '@/components/form/form'
import type { FormAction } from '@/components/form/form-state'
import { SubmitButton } from '@/components/form/submit-button'
import { LinkButton } from '@/components/ui/button'
import { Slug, UpstreamUrl } from '@/lib/catalogue/model'
import { TypedCommand } from '../command-line'
import { ReachFields } from '../server-form'

// What can be said before it is sent; the command says the rest.
const Named = z.object({ slug: Slug })
const NewStdioServer = Named.extend({ command: TypedCommand })
const NewHttpServer = Named.extend({ url: UpstreamUrl })

export function NewServerForm({ transport, action }: { transport: 'stdio' | 'http'; action: FormAction }) {
  return (
    <Form
      action={action}
      schema={transport === 'stdio' ? NewStdioServer : NewHttpServer}
      className="flex flex-col gap-4"
    >
      <TextField
        name="slug"
        label="Slug"
        mono
        required
        autoComplete="off"
        spellCheck={false}
        placeholder="mistral"
        hint="Its name in addresses, grants and policies: /mcp/<slug>. It cannot be changed later."
      />
      <TextField name="title" label="Title" optional autoComplete="off" placeholder="Mistral workflows" />
      <TextField
        name="registryName"
        label="Registry name"
        optional
        mono
        autoComplete="off"
        spellCheck={false}
        placeholder="io.github.Swih/mistral-mcp"
        hint="Its name in the MCP registry, if it has one."
      />
      <ReachFields transport={transport} />
      <div className="flex gap-2 pt-2">
        <SubmitButton kind="ink">Add server</SubmitButton>
        <LinkButton href="/servers" kind="quiet">
          Cancel
        </LinkButton>
      </div>
    </Form>
  )
}
