'use client'

import { Form } from '@/components/form/form'
import { SubmitButton } from '@/components/form/submit-button'
import { Icon } from '@/components/ui/icon'
import { Band, Sheet } from '@/components/ui/sheet'
import { TextLink } from '@/components/ui/text-link'
import { createPolicyAction } from './actions'

/** Servers that no policy speaks of: each call to them is refused, and one press writes a text to begin with. */
export function WithoutPolicy({
  servers,
  mayEdit,
}: {
  servers: readonly { slug: string; title: string; tools: number }[]
  mayEdit: boolean
}) {
  return (
    <Sheet>
      <Band title="Servers without a policy">
        <span className="text-xs text-ink-3">every call to them is refused</span>
      </Band>
      <ul>
        {servers.map(({ slug, title, tools }) => (
          <li
            key={slug}
            className="flex min-h-row-tall flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-2 first:border-t-0"
          >
            <Icon name="servers" className="text-ink-3" />
            <TextLink href={`/servers/${slug}`} className="font-mono text-xs font-label">
              {slug}
            </TextLink>
            <span className="min-w-0 flex-1 text-ink-2">
              {title === slug ? null : `${title}, `}
              {tools === 1 ? '1 tool' : `${tools} tools`}
            </span>
            {mayEdit ? (
              <Form action={createPolicyAction}>
                <input type="hidden" name="server" value={slug} />
                <SubmitButton size="small" icon="edit">
                  Write a policy
                </SubmitButton>
              </Form>
            ) : null}
          </li>
        ))}
      </ul>
    </Sheet>
  )
}
