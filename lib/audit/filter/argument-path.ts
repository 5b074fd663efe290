/** Paths into arguments, as filters of the record write them. Pure, so that client components may import it. */

const MOST_STEPS = 8
const LONGEST_PATH = 200

/** `args.a.b`, `args.items.*.id`: one to eight steps; keys with dots are out of reach, as in policies. */
export function isArgumentPath(field: string): field is `args.${string}` {
  const [root, ...steps] = field.split('.')
  if (root !== 'args' || field.length > LONGEST_PATH || field.includes('\u0000')) return false
  return steps.length >= 1 && steps.length <= MOST_STEPS && steps.every(step => step !== '') && steps[0] !== '*'
}

/**
 * JSON texts of which arguments with this value at this path contain at least one (`@>`). What is typed is text, so it is
 * looked for as text, as the number or word that JSON would print so, and as an element of a list at the path.
 */
export function argumentPatterns(field: `args.${string}`, value: string): string[] {
  const steps = field.split('.').slice(1)
  const scalars = [JSON.stringify(value), ...(isJsonScalar(value) ? [value] : [])]
  return scalars.flatMap(scalar => [wrap(steps, scalar), wrap([...steps, '*'], scalar)])
}

/** As JSON writes it, so that it can stand in JSON as it is; no more digits than a double keeps. */
function isJsonScalar(text: string): boolean {
  return /^(?:true|false|null|-?(?:0|[1-9]\d{0,15})(?:\.\d{1,15})?)$/.test(text)
}

function wrap(steps: readonly string[], scalar: string): string {
  return steps.reduceRight(
    (inner, step) => (step === '*' ? `[${inner}]` : `{${JSON.stringify(step)}:${inner}}`),
    scalar,
  )
}
