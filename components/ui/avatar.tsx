/** The first two letters of a name in a ring. The name always stands beside it or in `title`. */
export function Avatar({ name, small = false }: { name: string; small?: boolean }) {
  const letters = name
    .replace(/[^\p{L}\p{N}]/gu, '')
    .slice(0, 2)
    .toLowerCase()
  return (
    <span
      aria-hidden="true"
      title={name}
      className={`grid flex-none place-items-center rounded-full bg-well edge-strong font-head text-ink-2 ${small ? 'size-5 text-[0.5625rem]' : 'size-6 text-[0.625rem]'}`}
    >
      {letters}
    </span>
  )
}
