import packageFile from '../package.json'

/** The release, as package.json says it. */
export const VERSION: string = packageFile.version
