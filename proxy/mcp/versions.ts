/** Versions of the protocol that this front can frame: sessions, and one message a POST. The newest first. */
export const PROTOCOL_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07'] as const
