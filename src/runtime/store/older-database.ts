import { EventEmitter } from 'node:events';

/**
 * Says `broughtUpToDate` with the path of each database of an older release that this process has migrated. It is one for the
 * process, since databases are opened in many places, none of which shows anything.
 */
export const olderDatabases = new EventEmitter<{ broughtUpToDate: [path: string] }>();
