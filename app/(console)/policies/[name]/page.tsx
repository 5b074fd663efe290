import type { Metadata } from 'next'
import { analyse } from '@/components/code-editor/analysis'
import { currentActor } from '@/lib/auth/current-user'
import { can } from '@/lib/auth/model'
import { readPolicies, readPolicy } from '@/lib/policy-store/queries'
import { orNotFound } from '../../or-not-found'
import { policyAction } from '../actions'
import { newestOf } from '../in-force'
import { Workbench } from './workbench'

interface Address {
  params: Promise<{ name: string }>
  searchParams: Promise<{ line?: string }>
}

export async function generateMetadata({ params }: Address): Promise<Metadata> {
  return { title: decodeURIComponent((await params).name) }
}

export default async function PolicyPage({ params, searchParams }: Address) {
  const actor = await currentActor()
  const [policy, policies, { line }] = await Promise.all([
    orNotFound(readPolicy(actor, decodeURIComponent((await params).name))),
    readPolicies(actor),
    searchParams,
  ])
  const surroundings = { server: policy.server?.slug ?? null, tools: policy.definitions }
  const text = policy.draft?.text ?? policy.text
  const isKept = policy.scope !== 'removed'
  return (
    <Workbench
      key={policy.name}
      policy={{ ...policy, revisions: [] }}
      surroundings={surroundings}
      analysis={analyse(text, surroundings)}
      inForce={policy.revision ? analyse(policy.text, surroundings).treatments : null}
      nextRevision={(newestOf(policies) ?? 0) + 1}
      mayEdit={isKept && can(actor, 'policy.edit')}
      mayPublish={isKept && can(actor, 'policy.publish')}
      line={Number(line) || null}
      action={policyAction}
    />
  )
}
