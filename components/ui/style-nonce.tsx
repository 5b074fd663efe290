'use client'

declare global {
  // Where the primitives library looks for the nonce of the style element that holds a page still under a dialog.
  var __webpack_nonce__: string | undefined
}

// A script of this page carries the nonce; browsers show it to scripts only as a property.
if (typeof document !== 'undefined') {
  globalThis.__webpack_nonce__ = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce
}

/** Loads with every page, so that style elements made by primitives pass the pages' policy. Shows nothing. */
export function StyleNonce() {
  return null
}
