// What waits for a person, over all runs.
import type { Approval, Host, RunView } from '@offdesk/client';

/** Approvals that are open and not being decided here, oldest first. */
export const open = (host: Host): Approval[] => host.waiting.filter((approval) => host.deciding(approval.id)?.state !== 'sending');

/** Runs that seem to ask something on their screen. */
export const seeming = (host: Host): RunView[] => host.list.filter((run) => run.detected && !open(host).some((approval) => approval.run === run.id));

/** How many things wait. */
export const asking = (host: Host): number => open(host).length + seeming(host).length;
