/** The database cannot be had, for a reason that a person has to mend; the message is that person's one sentence. */
export class DatabaseUnavailable extends Error {}
