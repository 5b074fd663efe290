// `npm start`: from a fresh clone to a running product. Nothing but Node's own modules until the packages are installed.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `Intercept needs Node 20.19 or newer; this is ${process.version}. Install a newer one and run this again.\n`,
  )
  process.exit(1)
}
import('./start/run.mjs').then(({ start }) => start())
