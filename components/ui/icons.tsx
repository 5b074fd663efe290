/** Every drawing, on a 16 px grid with a 1.5 px line. Effects show what became of a call that met a gate. */
export const icons = {
  agent: (
    <>
      <rect x="2.5" y="4.5" width="11" height="8.5" rx="1.5" />
      <path d="M8 4.5V2M5.8 8.3v1.2M10.2 8.3v1.2" />
    </>
  ),
  allow: <path d="M1.5 8h12M10 4.5 13.5 8 10 11.5M6 1.5v3.2M6 11.3v3.2" />,
  approval: (
    <>
      <path d="M1 8h4M8.5 1v2.6M8.5 12.4V15" />
      <circle cx="8.5" cy="8" r="3.3" />
    </>
  ),
  arrow: <path d="M2.5 8h10.5M9 4l4 4-4 4" />,
  audit: <path d="M2 3.5h12M2 8h12M2 12.5h7" />,
  blocked: <path d="M2 8h6M10 2.5v11M13.5 2.5v11" />,
  changes: (
    <>
      <path d="M5 5.5v5M11 10.5V7.8a2 2 0 0 0-2-2H7.5" />
      <circle cx="5" cy="3.7" r="1.8" />
      <circle cx="5" cy="12.3" r="1.8" />
      <circle cx="11" cy="12.3" r="1.8" />
    </>
  ),
  check: <path d="m3 8.5 3.2 3.2L13 5" />,
  clock: (
    <>
      <circle cx="8" cy="8" r="6" />
      <path d="M8 4.5V8l2.5 1.5" />
    </>
  ),
  columns: (
    <>
      <rect x="2" y="2.5" width="12" height="11" rx="1" />
      <path d="M6 2.5v11M10 2.5v11" />
    </>
  ),
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1" />
      <path d="M3.5 10.5h-1v-8h8v1" />
    </>
  ),
  custom: <path d="M2.5 4h11M2.5 8h11M2.5 12h6" />,
  deny: (
    <>
      <path d="M1.5 8h7" />
      <path d="M10.5 2v12" strokeWidth="2.8" />
    </>
  ),
  diff: <path d="M8 2.5v6M5 5.5h6M5 12.5h6" />,
  down: <path d="m4 6 4 4 4-4" />,
  download: <path d="M8 2v8M4.8 7 8 10.2 11.2 7M2.5 13.5h11" />,
  error: (
    <>
      <path d="M5.5 2h5L14 5.5v5L10.5 14h-5L2 10.5v-5Z" />
      <path d="M8 5v3.6M8 10.4v.7" />
    </>
  ),
  hidden: <rect x="2.5" y="4" width="11" height="8" strokeDasharray="2.2 1.8" />,
  identities: (
    <>
      <circle cx="5.2" cy="8" r="3.2" />
      <path d="M8.4 8h6M12 8v2.8" />
    </>
  ),
  integrity: (
    <>
      <rect x="1.5" y="5.5" width="6" height="5" rx="1" />
      <rect x="8.5" y="5.5" width="6" height="5" rx="1" />
      <path d="M5.5 8h5" />
    </>
  ),
  limited: <path d="M1.5 3.5h4.2M1.5 12.5h4.2M1.5 8h12M11 5.5 13.5 8 11 10.5M8.2 1.2v4.3M8.2 10.5v4.3" />,
  lock: (
    <>
      <rect x="3" y="7" width="10" height="7" rx="1" />
      <path d="M5 7V5a3 3 0 0 1 6 0v2" />
    </>
  ),
  menu: <path d="M2 5h12M2 11h12" />,
  more: <path d="M3.5 8h.01M8 8h.01M12.5 8h.01" strokeWidth="2.2" strokeLinecap="round" />,
  out: <path d="M5 11 11 5M6 5h5v5" />,
  overview: (
    <>
      <rect x="2" y="2" width="12" height="12" rx="1" />
      <path d="M2 9.5h12M7 9.5V14" />
    </>
  ),
  person: (
    <>
      <circle cx="8" cy="5.2" r="2.7" />
      <path d="M2.8 14c.6-3 2.6-4.3 5.2-4.3s4.6 1.3 5.2 4.3" />
    </>
  ),
  playground: <path d="m3 4 4 4-4 4M8.5 12.5H13" />,
  plus: <path d="M8 3v10M3 8h10" />,
  policies: (
    <>
      <path d="M3.5 1.8h6L13 5.3v8.9H3.5Z" />
      <path d="M6 8h4.5M6 11h4.5" />
    </>
  ),
  proxies: (
    <>
      <circle cx="3.5" cy="8" r="1.8" />
      <circle cx="12.5" cy="3.5" r="1.8" />
      <circle cx="12.5" cy="12.5" r="1.8" />
      <path d="M5.2 7.2 10.9 4.3M5.2 8.8l5.7 2.9" />
    </>
  ),
  requests: <path d="M2 9.5V13h12V9.5M2 9.5h3.2l1 1.6h3.6l1-1.6H14M8 2v5.5M5.5 5 8 7.5 10.5 5" />,
  right: <path d="m6 4 4 4-4 4" />,
  save: <path d="M3 2.5h10v11l-5-3.4-5 3.4Z" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.5" />
      <path d="m10.5 10.5 3.5 3.5" />
    </>
  ),
  servers: (
    <>
      <rect x="2" y="2.5" width="12" height="4.5" rx="1" />
      <rect x="2" y="9" width="12" height="4.5" rx="1" />
      <path d="M4.5 4.75h.01M4.5 11.25h.01" />
    </>
  ),
  settings: (
    <>
      <path d="M2 4.5h7M12 4.5h2M2 11.5h2M7 11.5h7" />
      <circle cx="10.5" cy="4.5" r="1.7" />
      <circle cx="5.5" cy="11.5" r="1.7" />
    </>
  ),
  shadow: (
    <>
      <path d="M1.5 8h12" strokeDasharray="2.4 1.7" />
      <path d="M8 1.8v12.4" strokeDasharray="2.4 1.7" />
    </>
  ),
  test: <path d="M6 2v4L2.8 12.2c-.5 1 .1 1.8 1.1 1.8h8.2c1 0 1.6-.8 1.1-1.8L10 6V2M5 2h6" />,
  unknown: (
    <>
      <path d="M8 1.8 14.2 8 8 14.2 1.8 8Z" />
      <path d="M6.6 6.6c0-1.8 2.8-1.8 2.8 0 0 1.1-1.4 1.1-1.4 2.2M8 10.6v.8" />
    </>
  ),
  up: <path d="m4 10 4-4 4 4" />,
  warn: (
    <>
      <path d="M8 2 14.5 13.5h-13Z" />
      <path d="M8 6.5v3.2M8 11.4v.6" />
    </>
  ),
  x: <path d="m4 4 8 8M12 4l-8 8" />,
  sun: (
    <>
      <circle cx="8" cy="8" r="3" />
      <path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M12.6 3.4l-1.1 1.1M4.5 11.5l-1.1 1.1" />
    </>
  ),
  moon: <path d="M13.2 9.8A5.6 5.6 0 0 1 6.2 2.8a5.6 5.6 0 1 0 7 7Z" />,
  screen: (
    <>
      <rect x="2" y="3" width="12" height="8" rx="1" />
      <path d="M6 13.5h4" />
    </>
  ),
  leave: <path d="M6.5 2.5h-4v11h4M6 8h7.5M10.5 5l3 3-3 3" />,
  key: (
    <>
      <circle cx="5" cy="11" r="2.5" />
      <path d="m6.8 9.2 6.2-6.2M10.4 5.6l2 2" />
    </>
  ),
  trash: <path d="M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.8 7v4M9.2 7v4" />,
  edit: <path d="M3 13v-2.6L10.6 2.8l2.6 2.6L5.6 13Z" />,
  filter: <path d="M2 3.5h12M4.5 8h7M7 12.5h2" />,
  refresh: <path d="M13 8a5 5 0 1 1-1.6-3.7M13.2 1.8v2.9h-2.9" />,
} as const

export type IconName = keyof typeof icons
