export const presets = {
  title: 'Presets',
  worktree: 'worktree',
  keepAs: 'Keep as preset…',
  keepChanges: 'Keep changes…',
  removeIt: 'Remove preset…',
  name: 'Name of the preset',
  allDevices: 'All your devices have it: agent, folder, worktree, model, mode and the words above.',
  change: (name: string) => `Change “${name}”`,
  sureToRemove: (name: string) => `Remove the preset “${name}” from all your devices? Runs that were started with it stay.`,
  notKept: 'The gateway does not answer. Nothing was kept; try again when the line is back.',
  agentIn: (agent: string, folder: string) => `${agent} in ${folder}`,
};
