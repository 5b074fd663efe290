import { redirect } from 'next/navigation'

/** Sessions are found in the audit. */
export default function SessionsPage() {
  redirect('/audit')
}
