export default function Landing() {
  return <main className="p-6 text-ink-2 text-3xl rounded-3 border border-line-strong">No policy, no call</main>
}
