import { promises } from './promise-list'
import { Section } from './section'

/** What holds, and the test in the source that shows it. */
export function Promises() {
  return (
    <Section
      id="promises"
      title="What it promises, and the test that shows it"
      lead="Each line is a failure we cause on purpose. The tests are in the source; npm test runs them all."
    >
      <ul className="border-t border-line-strong">
        {promises.map(promise => (
          <li
            key={promise.title}
            className="grid items-baseline gap-1 border-b border-line py-[18px] md:grid-cols-[1.1fr_1.5fr_1fr] md:gap-8"
          >
            <h3 className="text-md font-head tracking-[-0.012em]">{promise.title}</h3>
            <p className="text-md text-ink-2">{promise.text}</p>
            <code className="text-xs font-label wrap-anywhere text-ink-2">{promise.test}</code>
          </li>
        ))}
      </ul>
    </Section>
  )
}
