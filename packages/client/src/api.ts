import { t } from './messages/index.ts';
import type {
  AddArtifact,
  AgentInfo,
  Approval,
  Artifact,
  BeginUpload,
  ChangeDiff,
  ChangeRule,
  Changes,
  ChooseProgram,
  CleanStorage,
  CommitChanges,
  Committed,
  Decision,
  DeleteRun,
  Device,
  DiscardChanges,
  Envelope,
  FileInfo,
  FileList,
  FilePiece,
  FilePut,
  Folders,
  FoundFiles,
  Health,
  HistoryEntry,
  HistoryList,
  HistoryPage,
  LocalModels,
  MakeOffer,
  MergeBack,
  Merged,
  Notification,
  Notifications,
  NotifySettings,
  Offers,
  OpenPullRequest,
  OwnAgent,
  OwnAgentTest,
  PairingEnd,
  PairingOffer,
  Path,
  Preset,
  Problem,
  PullRequestPlan,
  PutBack,
  PutChannel,
  PutFile,
  PutOwnAgent,
  PutSubscription,
  Reachable,
  RemovedWorktree,
  RemoveWorktree,
  RestoreSnapshot,
  ResumeRun,
  Rule,
  RulePreview,
  RunView,
  SearchHit,
  SendPrompt,
  StartRun,
  StagedChanges,
  Storage,
  StorageClean,
  Thumbnail,
  TypeKeys,
  Upload,
  UsageDay,
} from './types.gen.ts';
import type { FilesOf } from './files.ts';

/** The gateway refused or failed, and says why. */
export class Refused extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** Nobody answered: the request may or may not have arrived, and can be sent again with its id. */
export class Unreachable extends Error {}

const PATIENCE_MS = 15_000;
/** For what reads much the first time, or waits for a process to end. */
const LONG_MS = 45_000;

/** What is asked of the history. */
export interface HistoryWanted {
  agent?: string | undefined;
  dir?: string | undefined;
  q?: string | undefined;
  before?: string | undefined;
}

const queryOf = (wanted: object) =>
  new URLSearchParams(Object.entries(wanted).filter((pair): pair is [string, string] => typeof pair[1] === 'string' && pair[1] !== '')).toString();
const inPlace = (of: FilesOf, path: string, wanted: Record<string, string | number | boolean | null | undefined> = {}) =>
  new URLSearchParams(Object.entries({ ...of, path, ...wanted }).flatMap(([name, value]): [string, string][] => (value === undefined || value === null ? [] : [[name, String(value)]])));
const conversationPath = (agent: string, id: string) => `/history/${encodeURIComponent(agent)}/${encodeURIComponent(id)}`;
/** Git, its hooks and its networks take their time. */
const LONG_PATIENCE_MS = 88_000;
/** Programs that were never asked are asked for their versions, and a login shell for its variables. */
const LOOK_PATIENCE_MS = 60_000;
const TYPE_PATIENCE_MS = 25_000;

/** The API's requests. */
export class Api {
  constructor(private readonly ask: (path: string, init: RequestInit) => Promise<Response>) {}

  protected async request<T>(method: string, path: string, body?: unknown, patience = PATIENCE_MS): Promise<T> {
    try {
      const answer = await this.ask(`/api/v1${path}`, {
        method,
        headers: body === undefined ? {} : { 'content-type': 'application/json' },
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.timeout(patience),
      });
      if (answer.ok) return (await answer.json()) as T;
      throw new Refused(await problemOf(answer));
    } catch (cause) {
      if (cause instanceof Refused) throw cause;
      // No answer, or one that broke off: both leave open whether it arrived.
      throw new Unreachable(t.silence.plain, { cause });
    }
  }

  runs = () => this.request<RunView[]>('GET', '/runs');
  run = (id: string) => this.request<RunView>('GET', `/runs/${id}`);
  start = (run: StartRun) => this.request<RunView>('POST', '/runs', run, run.worktree ? LONG_PATIENCE_MS : PATIENCE_MS);
  prompt = (run: string, prompt: SendPrompt) => this.request<RunView>('POST', `/runs/${run}/prompts`, prompt);
  offers = (run: string) => this.request<Offers>('GET', `/runs/${run}/offers`);
  offersOf = (agent: string) => this.request<Offers>('GET', `/agents/${encodeURIComponent(agent)}/offers`);
  model = (run: string, id: string) => this.request<RunView>('POST', `/runs/${run}/model`, { id });
  mode = (run: string, id: string) => this.request<RunView>('POST', `/runs/${run}/mode`, { id });
  resumeWhenReset = (run: string, on: boolean) => this.request<RunView>('POST', `/runs/${run}/resume-when-reset`, { on });
  withdraw = (prompt: string) => this.request<RunView>('POST', `/prompts/${prompt}/withdraw`);
  sayInstead = (prompt: string, text: string) => this.request<RunView>('POST', `/prompts/${prompt}/text`, { text });
  movePrompt = (prompt: string, before: string | null) => this.request<RunView>('POST', `/prompts/${prompt}/place`, { before });
  beginUpload = (begin: BeginUpload) => this.request<Upload>('POST', '/uploads', begin);
  upload = (id: string) => this.request<Upload>('GET', `/uploads/${id}`);
  uploadPiece = (id: string, offset: number, data: string) => this.request<Upload>('PUT', `/uploads/${id}?offset=${offset}`, { data }, 60_000);
  removeUpload = (id: string) => this.request<null>('POST', `/uploads/${id}/remove`);
  listFiles = (of: FilesOf, path: string, wanted: { hidden?: boolean; offset?: number } = {}) =>
    this.request<FileList>('GET', `/files/list?${inPlace(of, path, wanted)}`, undefined, LONG_MS);
  fileInfo = (of: FilesOf, path: string) => this.request<FileInfo>('GET', `/files/info?${inPlace(of, path)}`, undefined, LONG_MS);
  filePiece = (of: FilesOf, path: string, wanted: { offset: number; limit: number; etag: string; secrets: boolean }) =>
    this.request<FilePiece>('GET', `/files/piece?${inPlace(of, path, wanted)}`, undefined, 60_000);
  thumbnail = (of: FilesOf, path: string) => this.request<Thumbnail>('GET', `/files/thumbnail?${inPlace(of, path)}`, undefined, LONG_MS);
  findFiles = (of: FilesOf, q: string, wanted: { hidden?: boolean; ignored?: boolean; limit?: number } = {}) =>
    this.request<FoundFiles>('GET', `/files/find?${inPlace(of, '', { q, ...wanted })}`, undefined, LONG_MS);
  artifacts = (run: string) => this.request<Artifact[]>('GET', `/runs/${run}/artifacts`, undefined, LONG_PATIENCE_MS);
  addArtifact = (run: string, wish: AddArtifact) => this.request<Artifact>('POST', `/runs/${run}/artifacts`, wish, LONG_PATIENCE_MS);
  removeArtifact = (run: string, artifact: string) => this.request<null>('POST', `/runs/${run}/artifacts/remove`, { artifact });
  artifactPiece = (run: string, artifact: string, offset: number, limit: number) =>
    this.request<FilePiece>('GET', `/runs/${run}/artifacts/piece?${new URLSearchParams({ artifact, offset: String(offset), limit: String(limit) })}`, undefined, 60_000);
  putFile = (wish: PutFile) => this.request<FilePut>('POST', '/files/put', wish, LONG_PATIENCE_MS);
  storage = () => this.request<Storage>('GET', '/storage', undefined, LONG_PATIENCE_MS);
  cleanStorage = (wish: CleanStorage) => this.request<StorageClean>('POST', '/storage/clean', wish, LONG_PATIENCE_MS);
  deleteRun = (run: string, wish: DeleteRun) => this.request<StorageClean>('POST', `/runs/${run}/delete`, wish, LONG_PATIENCE_MS);
  usage = (days: number) => this.request<UsageDay[]>('GET', `/usage?days=${days}&zone=${-new Date().getTimezoneOffset()}`);
  interrupt = (run: string) => this.request<RunView>('POST', `/runs/${run}/interrupt`);
  stop = (run: string) => this.request<RunView>('POST', `/runs/${run}/stop`);
  resume = (run: string, resume: ResumeRun) => this.request<RunView>('POST', `/runs/${run}/resume`, resume);
  restart = (run: string, prompt: string) => this.request<RunView>('POST', `/runs/${run}/restart`, { prompt }, LONG_MS);
  archive = (run: string) => this.request<RunView>('POST', `/runs/${run}/archive`);
  label = (run: string, label: string) => this.request<RunView>('POST', `/runs/${run}/label`, { label });
  decide = (approval: string, decision: Decision) =>
    this.request<Approval>('POST', `/approvals/${approval}/decision`, decision);
  approval = (id: string) => this.request<Approval>('GET', `/approvals/${id}`);
  approvals = (run: string) => this.request<Approval[]>('GET', `/approvals?state=all&run=${run}`);
  previewRules = (approval: string) => this.request<RulePreview[]>('POST', `/approvals/${approval}/rules`, {});
  rules = () => this.request<Rule[]>('GET', '/rules');
  changeRule = (rule: string, change: ChangeRule) => this.request<Rule>('POST', `/rules/${rule}`, change);
  revokeRule = (rule: string) => this.request<Rule>('POST', `/rules/${rule}/revoke`);
  agents = () => this.request<AgentInfo[]>('GET', '/agents', undefined, LOOK_PATIENCE_MS);
  lookForAgents = () => this.request<AgentInfo[]>('POST', '/agents/look', {}, LOOK_PATIENCE_MS);
  ownAgents = () => this.request<OwnAgent[]>('GET', '/agents/own');
  putAgent = (put: PutOwnAgent) => this.request<OwnAgent>('POST', '/agents/own', put);
  removeAgent = (kind: string) => this.request<OwnAgent[]>('POST', '/agents/own/remove', { kind });
  testAgent = (agent: OwnAgent) => this.request<OwnAgentTest>('POST', '/agents/test', agent, LOOK_PATIENCE_MS);
  chooseProgram = (choice: ChooseProgram) => this.request<AgentInfo[]>('POST', '/agents/program', choice, LOOK_PATIENCE_MS);
  presets = () => this.request<Preset[]>('GET', '/presets');
  putPreset = (preset: Preset) => this.request<Preset>('POST', '/presets', preset);
  removePreset = (id: string) => this.request<Preset[]>('POST', '/presets/remove', { id });
  type = (run: string, typed: TypeKeys) => this.request<RunView>('POST', `/runs/${run}/keys`, typed, TYPE_PATIENCE_MS);
  localModels = () => this.request<LocalModels>('GET', '/agents/ollama/models', undefined, 20_000);
  folders = (dir?: string) =>
    this.request<Folders>('GET', `/folders${dir === undefined ? '' : `?dir=${encodeURIComponent(dir)}`}`);
  search = (words: string) => this.request<SearchHit[]>('GET', `/search?q=${encodeURIComponent(words)}`);
  health = () => this.request<Health>('GET', '/health');
  devices = () => this.request<Device[]>('GET', '/devices');
  self = () => this.request<Device>('GET', '/devices/self');
  renameDevice = (device: string, name: string) => this.request<Device>('POST', `/devices/${device}/name`, { name });
  revokeDevice = (device: string) => this.request<Device>('POST', `/devices/${device}/revoke`);
  decisionsOf = (device: string) => this.request<Approval[]>('GET', `/devices/${device}/decisions`);
  adoption = (origin: string) => this.request<PairingOffer>('POST', '/devices/self/adoption', { origin });
  offer = (wish: MakeOffer) => this.request<PairingOffer>('POST', '/pairings', wish);
  letIn = (device: string, approved: boolean) =>
    this.request<PairingEnd>('POST', `/pairings/${device}/decision`, { approved });
  paths = async (): Promise<Path[]> => (await this.request<Reachable>('GET', '/paths')).paths;
  first = (run: string, limit: number) => this.request<Envelope[]>('GET', `/runs/${run}/events?after=0&limit=${limit}`);
  history = (wanted: HistoryWanted) => this.request<HistoryList>('GET', `/history?${queryOf(wanted)}`, undefined, LONG_MS);
  conversation = (agent: string, id: string, before: number | null) =>
    this.request<HistoryPage>('GET', `${conversationPath(agent, id)}?${queryOf({ before: before?.toString() })}`, undefined, LONG_MS);
  stopConversation = (agent: string, id: string, pid: number) =>
    this.request<HistoryEntry>('POST', `${conversationPath(agent, id)}/stop`, { pid }, LONG_MS);
  changes = (run: string, turn?: string | null) => this.request<Changes>('GET', `/runs/${run}/changes${turn ? `?turn=${turn}` : ''}`, undefined, LONG_PATIENCE_MS);
  changeDiff = (run: string, path: string, turn?: string | null) =>
    this.request<ChangeDiff>('GET', `/runs/${run}/changes/diff?path=${encodeURIComponent(path)}${turn ? `&turn=${turn}` : ''}`, undefined, LONG_PATIENCE_MS);
  stage = (run: string, paths: string[], staged: boolean) => this.request<StagedChanges>('POST', `/runs/${run}/changes/stage`, { paths, staged }, LONG_PATIENCE_MS);
  commit = (run: string, wish: CommitChanges) => this.request<Committed>('POST', `/runs/${run}/changes/commit`, wish, LONG_PATIENCE_MS);
  discard = (run: string, wish: DiscardChanges) => this.request<PutBack>('POST', `/runs/${run}/changes/discard`, wish, LONG_PATIENCE_MS);
  restore = (run: string, wish: RestoreSnapshot) => this.request<PutBack>('POST', `/runs/${run}/changes/restore`, wish, LONG_PATIENCE_MS);
  merge = (run: string, wish: MergeBack) => this.request<Merged>('POST', `/runs/${run}/merge`, wish, LONG_PATIENCE_MS);
  pullRequest = (run: string, wish: OpenPullRequest) => this.request<PullRequestPlan>('POST', `/runs/${run}/pull-request`, wish, LONG_PATIENCE_MS);
  removeWorktree = (run: string, wish: RemoveWorktree) =>
    this.request<RemovedWorktree>('POST', `/runs/${run}/worktree/remove`, wish, LONG_PATIENCE_MS);
  notifications = () => this.request<Notifications>('GET', '/notifications');
  setNotify = (settings: NotifySettings) => this.request<Notifications>('POST', '/notifications/settings', settings);
  subscribe = (subscription: PutSubscription) => this.request<Notifications>('POST', '/notifications/subscriptions', subscription);
  unsubscribe = (subscription: string) => this.request<Notifications>('POST', '/notifications/subscriptions/remove', { subscription });
  putChannel = (channel: PutChannel) => this.request<Notifications>('POST', '/notifications/channels', channel);
  removeChannel = (channel: string) => this.request<Notifications>('POST', `/notifications/channels/${channel}/remove`);
  testNotifications = () => this.request<Notification>('POST', '/notifications/test');
  attend = () => this.request<null>('POST', '/notifications/attention');
  before = (run: string, seq: number, limit: number) =>
    this.request<Envelope[]>('GET', `/runs/${run}/events?before=${seq}&limit=${limit}`);
}

async function problemOf(answer: Response): Promise<Problem> {
  try {
    return (await answer.json()) as Problem;
  } catch {
    return { code: 'internal', message: t.silence.without(answer.status) };
  }
}
