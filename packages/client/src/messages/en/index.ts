import { act } from './act.ts';
import { agents } from './agents.ts';
import { approval } from './approval.ts';
import { artifacts } from './artifacts.ts';
import { changeKinds } from './changeKinds.ts';
import { changes } from './changes.ts';
import { channel } from './channel.ts';
import { compose } from './compose.ts';
import { connection } from './connection.ts';
import { decided } from './decided.ts';
import { deliveryStates } from './deliveryStates.ts';
import { devices } from './devices.ts';
import { entry } from './entry.ts';
import { files } from './files.ts';
import { find } from './find.ts';
import { history } from './history.ts';
import { hopStates } from './hopStates.ts';
import { hops } from './hops.ts';
import { limit } from './limit.ts';
import { link } from './link.ts';
import { more } from './more.ts';
import { newRun } from './newRun.ts';
import { notifications } from './notifications.ts';
import { now } from './now.ts';
import { pairing } from './pairing.ts';
import { reasons } from './reasons.ts';
import { receipt } from './receipt.ts';
import { renewal } from './renewal.ts';
import { roles } from './roles.ts';
import { ruleSheet } from './ruleSheet.ts';
import { rules } from './rules.ts';
import { run } from './run.ts';
import { runGroups } from './runGroups.ts';
import { runStates } from './runStates.ts';
import { silence } from './silence.ts';
import { snapshotReasons } from './snapshotReasons.ts';
import { storage } from './storage.ts';
import { storageCosts } from './storageCosts.ts';
import { storageKinds } from './storageKinds.ts';
import { story } from './story.ts';
import { terminal } from './terminal.ts';
import { thisPhone } from './thisPhone.ts';
import { time } from './time.ts';
import { toolStates } from './toolStates.ts';
import { usage } from './usage.ts';
import { ways } from './ways.ts';
import { worker } from './worker.ts';

export default {
  act,
  agents,
  approval,
  artifacts,
  changeKinds,
  changes,
  channel,
  compose,
  connection,
  decided,
  deliveryStates,
  devices,
  entry,
  files,
  find,
  history,
  hopStates,
  hops,
  limit,
  link,
  more,
  newRun,
  notifications,
  now,
  pairing,
  reasons,
  receipt,
  renewal,
  roles,
  ruleSheet,
  rules,
  run,
  runGroups,
  runStates,
  silence,
  snapshotReasons,
  storage,
  storageCosts,
  storageKinds,
  story,
  terminal,
  thisPhone,
  time,
  toolStates,
  usage,
  ways,
  worker,
};
