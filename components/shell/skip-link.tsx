/** The first stop of the keyboard: past the navigation, to the page's own part. */
export function SkipLink() {
  return (
    <a
      href="#content"
      className="fixed top-2 left-2 z-toast -translate-y-16 rounded-2 bg-ink px-3 py-2 text-on-ink focus:translate-y-0"
    >
      Skip to content
    </a>
  )
}
