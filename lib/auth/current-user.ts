import 'server-only'
import { cookies, headers } from 'next/headers'
import { redirect } from 'next/navigation'
import { cache } from 'react'
import { browserOf } from './browser'
import type { Actor } from './model'
import { openSessionCookie, sealSessionId, sessionCookie } from './next-auth'
import { endSession, readSession, type SignedInMember } from './sessions'

/** The member who is signed in, or null. Read from Postgres once per request. */
export const signedInMember = cache(async (): Promise<SignedInMember | null> => {
  const value = (await cookies()).get(sessionCookie().name)?.value
  const sessionId = value ? await openSessionCookie(value) : null
  return sessionId ? readSession(sessionId) : null
})

/** The member who is signed in; sends everybody else to sign in and back here afterwards. */
export async function currentMember(): Promise<SignedInMember> {
  const member = await signedInMember()
  if (member) return member
  // Set by the request file: pages do not know their own address.
  const here = (await headers()).get('x-intercept-path')
  redirect(here && here !== '/' ? `/sign-in?to=${encodeURIComponent(here)}` : '/sign-in')
}

/** Who acts in this request, for queries and commands; sends people who are not signed in to sign in. */
export async function currentActor(): Promise<Actor> {
  return actorOf(await currentMember(), await headers())
}

/** As `currentActor`, for route handlers that answer 401 rather than redirect. */
export async function signedInActor(): Promise<Actor | null> {
  const member = await signedInMember()
  return member && actorOf(member, await headers())
}

/** Gives this browser a session's cookie. For actions and route handlers: pages cannot set cookies. */
export async function rememberSession(sessionId: string): Promise<void> {
  const { name, options } = sessionCookie()
  ;(await cookies()).set(name, await sealSessionId(sessionId), options)
}

/** Ends this browser's session, in the database first, and takes its cookie away. */
export async function signOut(): Promise<void> {
  const jar = await cookies()
  const { name, options } = sessionCookie()
  const value = jar.get(name)?.value
  const sessionId = value ? await openSessionCookie(value) : null
  if (sessionId) await endSession(sessionId)
  jar.set(name, '', { ...options, maxAge: 0 })
}

function actorOf(member: SignedInMember, from: Pick<Headers, 'get'>): Actor {
  return { kind: 'member', id: member.id, name: member.name, roles: member.roles, source: browserOf(from).source }
}
