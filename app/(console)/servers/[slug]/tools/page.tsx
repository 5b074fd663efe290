import { redirect } from 'next/navigation'

/** Crumbs lead here; a server's tools are on its own page. */
export default async function ToolsPage({ params }: { params: Promise<{ slug: string }> }) {
  redirect(`/servers/${(await params).slug}`)
}
