// Colour arithmetic for the tests of tokens.css: OKLCH and OKLab by Björn Ottosson, luminance and contrast by WCAG 2.2,
// deuteranopia by Machado, Oliveira and Fernandes (2009) at full severity.

export type Triple = readonly [number, number, number]

const cube = (value: number) => value ** 3

/** OKLCH (lightness 0 to 1, chroma, hue in degrees) to linear sRGB, clipped to what a screen shows. */
export function linearOf([lightness, chroma, hue]: Triple): Triple {
  const angle = (hue * Math.PI) / 180
  const a = chroma * Math.cos(angle)
  const b = chroma * Math.sin(angle)
  const l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
  const m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
  const s = cube(lightness - 0.0894841775 * a - 1.291485548 * b)
  return clip([
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ])
}

const clip = (colour: Triple): Triple => colour.map(part => Math.min(1, Math.max(0, part))) as unknown as Triple

/** Linear sRGB to OKLab. */
export function labOf([red, green, blue]: Triple): Triple {
  const l = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const m = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const s = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ]
}

/** WCAG contrast of two linear colours, 1 to 21. */
export function contrast(one: Triple, other: Triple): number {
  const luminance = ([red, green, blue]: Triple) => 0.2126 * red + 0.7152 * green + 0.0722 * blue
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number]
  return (light + 0.05) / (dark + 0.05)
}

/** How a linear colour looks to an eye without green cones. */
export function deuteranopic([red, green, blue]: Triple): Triple {
  return clip([
    0.367322 * red + 0.860646 * green - 0.227968 * blue,
    0.280085 * red + 0.672501 * green + 0.047413 * blue,
    -0.01182 * red + 0.04294 * green + 0.968881 * blue,
  ])
}

/** ΔE(OK): distance of two linear colours in OKLab. */
export function distance(one: Triple, other: Triple): number {
  const a = labOf(one)
  const b = labOf(other)
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}

const pair = /^light-dark\(\s*(oklch\([^)]*\))\s*,\s*(oklch\([^)]*\))\s*\)$/
const single = /^oklch\(\s*([\d.]+)\s+([\d.]+)\s+([\d.]+)(?:\s*\/\s*([\d.]+))?\s*\)$/

/** Every opaque colour of a token file in one theme, as linear sRGB by name; references to others are followed. */
export function readColours(css: string, theme: 'light' | 'dark'): Map<string, Triple> {
  const written = new Map<string, string>()
  const text = css.replace(/\/\*[\s\S]*?\*\//g, '').replace(/@media[\s\S]*$/, '')
  for (const [, name = '', value = ''] of text.matchAll(/--([\w-]+)\s*:\s*([^;]+);/g)) written.set(name, value.trim())
  const colours = new Map<string, Triple>()
  for (const name of written.keys()) {
    const colour = resolve(name)
    if (colour) colours.set(name, colour)
  }
  return colours

  function resolve(name: string): Triple | undefined {
    const value = written.get(name) ?? ''
    const other = /^var\(--([\w-]+)\)$/.exec(value)?.[1]
    if (other) return resolve(other)
    const sides = pair.exec(value)
    const side = sides?.[theme === 'light' ? 1 : 2] ?? ''
    const [, lightness, chroma, hue, alpha] = single.exec(side) ?? []
    if (lightness === undefined || alpha !== undefined) return undefined
    return linearOf([Number(lightness), Number(chroma), Number(hue)])
  }
}
