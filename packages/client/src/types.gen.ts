// Made by `cargo x types` from crates/protocol. Do not edit.

export const PROTOCOL_VERSION = 1;

export type LogId = string;

export type HostId = string;

export type RunId = string;

export type AttemptId = string;

export type ApprovalId = string;

export type DecisionId = string;

export type PromptId = string;

export type TurnId = string;

export type MessageId = string;

export type ToolId = string;

export type DeviceId = string;

export type ControlId = string;

export type UploadId = string;

export type ArtifactId = string;

export type Offers = { 
/**
 * Models.
 */
models: Array<ModelOffer>, 
/**
 * Modes in which the agent still asks before it acts.
 */
modes: Array<ModeOffer>, 
/**
 * Modes the agent has and Offdesk does not offer, and why.
 */
modesLeftOut: Array<ModeLeftOut>, 
/**
 * Commands that can be typed at the beginning of a prompt, without their `/`.
 */
slash: Array<SlashOffer>, };

export type ModelOffer = { 
/**
 * The agent's word for it.
 */
id: string, 
/**
 * The name for people.
 */
name: string, 
/**
 * What the agent says of it.
 */
description: string | null, 
/**
 * The model this stands for, where the id is only another name.
 */
resolved: string | null, };

export type ModeOffer = { 
/**
 * The agent's word for it.
 */
id: string, 
/**
 * The name for people.
 */
name: string, 
/**
 * What the agent says of it.
 */
description: string | null, };

export type ModeLeftOut = { 
/**
 * The agent's word for it.
 */
id: string, 
/**
 * The name for people.
 */
name: string, 
/**
 * Why.
 */
reason: string, };

export type SlashOffer = { 
/**
 * Without its `/`.
 */
name: string, 
/**
 * What it does.
 */
description: string, 
/**
 * What may follow it.
 */
hint: string | null, };

export type Choose = { 
/**
 * As the agent offers it.
 */
id: string, };

export type When = "now" | "afterTurn";

export type QueuedPrompt = { 
/**
 * Its id.
 */
id: PromptId, 
/**
 * The beginning of its words, on one line.
 */
line: string, 
/**
 * When it goes to the agent.
 */
when: When, 
/**
 * How many files go with it.
 */
attachments: number, };

export type ChangePrompt = { 
/**
 * The words.
 */
text: string, };

export type MovePrompt = { 
/**
 * Before this one; nothing: to the end.
 */
before: PromptId | null, };

export type Attachment = { 
/**
 * The upload that brought it.
 */
id: UploadId, 
/**
 * Its name: one visible part of a path.
 */
name: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * What its first bytes say it is, e.g. `image/png`.
 */
mediaType: string, 
/**
 * SHA-256 of its bytes, in hex.
 */
sha256: string, };

export type BeginUpload = { 
/**
 * Made by the client.
 */
id: UploadId, 
/**
 * What it is called where it comes from.
 */
name: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * SHA-256 of its bytes in hex, where the client knows it: then it is checked.
 */
sha256: string | null, };

export type UploadPiece = { 
/**
 * The bytes in base64.
 */
data: string, };

export type Upload = { 
/**
 * Its id.
 */
id: UploadId, 
/**
 * Its name, as it is kept.
 */
name: string, 
/**
 * Bytes it will have.
 */
size: number, 
/**
 * Bytes that are here: where to go on.
 */
received: number, 
/**
 * The whole file, once it is here.
 */
attachment: Attachment | null, 
/**
 * When it is forgotten, unless it goes with a prompt before.
 */
expiresAt: string, };

export type FileKind = "folder" | "file" | "outside" | "other";

export type FileEntry = { 
/**
 * Its name, as it is written in a path.
 */
name: string, 
/**
 * Its path below the place.
 */
path: string, 
/**
 * What it is; of a link, what it leads to.
 */
kind: FileKind, 
/**
 * It is a link.
 */
link: boolean, 
/**
 * Bytes, of a file.
 */
size: number | null, 
/**
 * When its content was changed last.
 */
modifiedAt: string | null, 
/**
 * It is hidden unless somebody wants to see such files.
 */
hidden: boolean, 
/**
 * Its name is one under which secrets are kept: its content is given only when a person says so.
 */
secret: boolean, };

export type FileList = { 
/**
 * The place's folder on the host, absolute.
 */
place: string, 
/**
 * The folder's path below it; empty: the place itself.
 */
path: string, 
/**
 * Folders first, then by name.
 */
entries: Array<FileEntry>, 
/**
 * Where these begin among all.
 */
offset: number, 
/**
 * How many there are in all.
 */
total: number, };

export type FileShape = "text" | "picture" | "binary";

export type FileInfo = { 
/**
 * The place's folder on the host, absolute.
 */
place: string, 
/**
 * The file.
 */
entry: FileEntry, 
/**
 * What it seems to be.
 */
shape: FileShape, 
/**
 * The media type, by its first bytes.
 */
mediaType: string, 
/**
 * Names exactly this content; another one after a change.
 */
etag: string, 
/**
 * Why its content is given only when a person says so.
 */
secret: string | null, };

export type FilePiece = { 
/**
 * Where it begins.
 */
offset: number, 
/**
 * Bytes of the whole file.
 */
size: number, 
/**
 * The file's tag, which all pieces of one download share.
 */
etag: string, 
/**
 * The bytes in base64.
 */
data: string, };

export type Thumbnail = { 
/**
 * `image/png` or `image/jpeg`.
 */
mediaType: string, 
/**
 * Pixels.
 */
width: number, 
/**
 * Pixels.
 */
height: number, 
/**
 * The bytes in base64.
 */
data: string, };

export type FoundFile = { 
/**
 * Its path below the place.
 */
path: string, 
/**
 * It is a folder.
 */
folder: boolean, };

export type FoundFiles = { 
/**
 * The files and folders.
 */
found: Array<FoundFile>, 
/**
 * How many fit beyond these.
 */
more: number, 
/**
 * All of the place was looked through; otherwise it has too many files.
 */
complete: boolean, };

export type ExistingFile = "refuse" | "keepBoth" | "replace";

export type PutFile = { 
/**
 * The upload, whole.
 */
upload: UploadId, 
/**
 * Into this run's workspace.
 */
run: RunId | null, 
/**
 * Or into this root.
 */
root: string | null, 
/**
 * The folder's path below it.
 */
folder: string, 
/**
 * Its name there; by default the upload's.
 */
name: string | null, 
/**
 * What to do with a file of that name.
 */
existing: ExistingFile, 
/**
 * The file that may be replaced is the one with this tag.
 */
etag: string | null, };

export type FilePut = { 
/**
 * The file.
 */
entry: FileEntry, 
/**
 * One of the same name was there and is gone.
 */
replaced: boolean, };

export type ArtifactKind = "log" | "diff" | "file" | "upload";

export type Artifact = { 
/**
 * Its id.
 */
id: ArtifactId, 
/**
 * The run.
 */
run: RunId, 
/**
 * Where it comes from.
 */
kind: ArtifactKind, 
/**
 * Its name.
 */
name: string, 
/**
 * Bytes.
 */
size: number, 
/**
 * What its first bytes say it is.
 */
mediaType: string, 
/**
 * SHA-256 of its bytes, in hex.
 */
sha256: string, 
/**
 * When it was kept.
 */
at: string, 
/**
 * By whom.
 */
by: Actor, };

export type AddArtifact = { 
/**
 * The path of a file in the workspace.
 */
path: string | null, 
/**
 * Also when it holds a key or a password.
 */
secrets: boolean, 
/**
 * Or a whole upload.
 */
upload: UploadId | null, };

export type RemoveArtifact = { 
/**
 * Which.
 */
artifact: ArtifactId, };

export type LimitState = "open" | "near" | "reached";

export type Limit = { 
/**
 * Over which time, in the agent's word: `five_hour`, `10080 minutes`. Each has one limit.
 */
window: string, 
/**
 * How near.
 */
state: LimitState, 
/**
 * How much of it is used, 0 to 100, where the agent says.
 */
usedPercent: number | null, 
/**
 * When it begins anew, where the agent says.
 */
resetsAt: string | null, 
/**
 * The same as seconds from when it was told, for agents that say so; only in events.
 */
resetsIn?: number, };

export type ResumeWhenReset = { 
/**
 * Whether it does.
 */
on: boolean, };

export type UsageDay = { 
/**
 * The day, `2026-11-21`, in the zone that was asked for.
 */
day: string, 
/**
 * The agent's kind.
 */
agent: string, 
/**
 * The model, where the agent said.
 */
model: string | null, 
/**
 * The figures.
 */
usage: Usage, };

export type StorageKind = "log" | "outputs" | "uploads" | "artifacts" | "worktrees" | "snapshots" | "conversations" | "programs" | "history" | "leftovers" | "other";

export type StorageUse = { 
/**
 * What it is.
 */
kind: StorageKind, 
/**
 * Its bytes.
 */
bytes: number, 
/**
 * How many things: attempts, files, worktrees, snapshots.
 */
items: number, 
/**
 * Of the bytes, what only runs need that were put away, or nobody.
 */
putAway: number, };

export type Storage = { 
/**
 * The data folder. Snapshots are in the repositories.
 */
folder: string, 
/**
 * All together, in bytes.
 */
bytes: number, 
/**
 * Of that, what only runs need that were put away, or nobody.
 */
putAway: number, 
/**
 * By kind; those of which there is nothing are left out.
 */
uses: Array<StorageUse>, 
/**
 * When it was looked at.
 */
measuredAt: string, };

export type StorageItem = { 
/**
 * What it is.
 */
kind: StorageKind, 
/**
 * What it is of, for a person: a run's name, a folder.
 */
name: string, 
/**
 * The run, where it is one's.
 */
run: RunId | null, 
/**
 * How many things.
 */
items: number, 
/**
 * Their bytes.
 */
bytes: number, 
/**
 * Why it goes or stays.
 */
why: string, };

export type StorageClean = { 
/**
 * Names exactly what goes; a wish that names it is done, if nothing has changed since.
 */
plan: string, 
/**
 * It was done.
 */
done: boolean, 
/**
 * What goes, in bytes.
 */
bytes: number, 
/**
 * What goes.
 */
goes: Array<StorageItem>, 
/**
 * What stays.
 */
stays: Array<StorageItem>, };

export type CleanStorage = { 
/**
 * These kinds only; none: those that cost nothing.
 */
kinds: Array<StorageKind>, 
/**
 * Only of runs in which nothing happened for so many days.
 */
olderThanDays: number, 
/**
 * Worktrees may go with the files that git ignores in them.
 */
ignored: boolean, 
/**
 * The plan that was shown: do it.
 */
plan: string | null, };

export type DeleteRun = { 
/**
 * Snapshots go, too, that hold work nothing else has.
 */
loseWork: boolean, 
/**
 * The run's worktree may go with the files that git ignores in it.
 */
ignored: boolean, 
/**
 * The plan that was shown: do it.
 */
plan: string | null, };

export type RunControls = { 
/**
 * The mode, in the agent's word, where it has such.
 */
mode: string | null, 
/**
 * A model that was chosen and that the agent has not confirmed.
 */
modelAsked: string | null, 
/**
 * A mode that was chosen and that the agent has not confirmed.
 */
modeAsked: string | null, 
/**
 * Prompts the agent does not have yet, in their order.
 */
queued: Array<QueuedPrompt>, 
/**
 * The limit that is reached or nearest, if the agent told of any.
 */
limit: Limit | null, 
/**
 * It is to go on by itself when a limit that stopped it resets.
 */
resumeWhenReset: boolean, 
/**
 * It waits for this moment and then goes on by itself.
 */
waitsUntil: string | null, };

export type RuleId = string;

export type PresetId = string;

export type Preset = { 
/**
 * Made by the client, so that keeping it twice keeps one. An id that is known is changed.
 */
id: PresetId, 
/**
 * What it is called. No two have the same name.
 */
name: string, 
/**
 * The agent's kind.
 */
agent: string, 
/**
 * The folder, absolute.
 */
dir: string, 
/**
 * Work in a fresh git worktree of the folder's repository.
 */
worktree: NewWorktree | null, 
/**
 * A model on the host itself, by Ollama's name for it.
 */
localModel: string | null, 
/**
 * The model, as the agent offers it.
 */
model: string | null, 
/**
 * The mode, as the agent offers it.
 */
mode: string | null, 
/**
 * Go on by itself when a limit that stopped it resets.
 */
resumeWhenReset: boolean, 
/**
 * Words the first prompt begins with.
 */
prompt: string | null, 
/**
 * The command line, program first, for an agent that is one. No shell reads it.
 */
command: Array<string> | null, };

export type RemovePreset = { 
/**
 * The preset.
 */
id: PresetId, };

export type NotificationId = string;

export type ChannelId = string;

export type Reason = "decision" | "question" | "finished" | "failed" | "silent" | "limit" | "device" | "reach" | "address" | "test";

export type DeliveryState = "queued" | "dropped" | "failed" | "gone" | "accepted" | "shown" | "opened";

export type Recipient = { "type": "device", 
/**
 * The device.
 */
device: DeviceId, 
/**
 * Which of its subscriptions.
 */
subscription: string, } | { "type": "channel", 
/**
 * Which.
 */
channel: ChannelId, };

export type TakingBack = "queued" | "done";

export type Delivery = { 
/**
 * To whom.
 */
to: Recipient, 
/**
 * What people call the recipient.
 */
name: string, 
/**
 * How far it came.
 */
state: DeliveryState, 
/**
 * Since when it was to be sent.
 */
queuedAt: string, 
/**
 * When the service took it.
 */
acceptedAt: string | null, 
/**
 * When the device showed it.
 */
shownAt: string | null, 
/**
 * When a person opened it.
 */
openedAt: string | null, 
/**
 * How often it was tried.
 */
tries: number, 
/**
 * When it is tried again.
 */
againAt: string | null, 
/**
 * Where it broke, in a sentence.
 */
why: string | null, 
/**
 * What was shown there is to be taken back, or was.
 */
takingBack: TakingBack | null, };

export type NotificationEnd = { 
/**
 * When.
 */
at: string, 
/**
 * Why, in a sentence.
 */
why: string, 
/**
 * The device on which it was answered, if it was one.
 */
device: DeviceId | null, };

export type Decidable = { 
/**
 * The approval.
 */
approval: ApprovalId, 
/**
 * The hash of what is shown.
 */
hash: string, };

export type Notification = { 
/**
 * Its id.
 */
id: NotificationId, 
/**
 * What it is about; a newer one about the same takes its place.
 */
key: string, 
/**
 * Why.
 */
reason: Reason, 
/**
 * The run it is about.
 */
run: RunId | null, 
/**
 * Its first line.
 */
title: string, 
/**
 * The rest.
 */
body: string, 
/**
 * Where it leads in the page: `/run/ID`.
 */
place: string, 
/**
 * May be answered on it.
 */
decidable: Decidable | null, 
/**
 * When it came up.
 */
madeAt: string, 
/**
 * When it is told, unless it is over by then.
 */
dueAt: string, 
/**
 * It is over.
 */
ended: NotificationEnd | null, 
/**
 * Recipients were chosen.
 */
sent: boolean, 
/**
 * Channels were asked, since nobody showed it.
 */
escalated: boolean, 
/**
 * To whom it went.
 */
deliveries: Array<Delivery>, };

export type QuietHours = { 
/**
 * From: `22:00`.
 */
from: string, 
/**
 * To: `07:00`; before `from`: on the next day.
 */
to: string, 
/**
 * Where these hours hold: `Europe/Berlin`.
 */
zone: string, 
/**
 * Decisions and questions are told all the same.
 */
waitingComesThrough: boolean, };

export type ProjectNotify = { 
/**
 * The project's folder.
 */
dir: string, 
/**
 * Reasons that are off for it.
 */
off: Array<Reason>, };

export type NotifySettings = { 
/**
 * Reasons that are off.
 */
off: Array<Reason>, 
/**
 * What is off for single projects.
 */
projects: Array<ProjectNotify>, 
/**
 * When nobody is told.
 */
quiet: QuietHours | null, 
/**
 * The first line of what is asked or was said is in the text, secrets masked.
 */
firstLine: boolean, 
/**
 * Minutes without a word after which a working agent is told of as silent.
 */
silentAfter: number, };

export type PutSubscription = { 
/**
 * Where its push service takes messages.
 */
endpoint: string, 
/**
 * Its public key, base64url.
 */
p256dh: string, 
/**
 * Its secret, base64url.
 */
auth: string, 
/**
 * The page's origin.
 */
origin: string, };

export type RemoveSubscription = { 
/**
 * The subscription's id.
 */
subscription: string, };

export type Subscription = { 
/**
 * Its id: of its address, without giving that away.
 */
id: string, 
/**
 * The device.
 */
device: DeviceId, 
/**
 * The page's origin.
 */
origin: string, 
/**
 * The push service's name.
 */
service: string, 
/**
 * Since when.
 */
madeAt: string, };

export type ChannelKind = { "type": "ntfy", 
/**
 * `https://ntfy.sh`.
 */
server: string, 
/**
 * Who knows it reads what is told there.
 */
topic: string, } | { "type": "telegram", 
/**
 * The chat's id.
 */
chat: string, } | { "type": "webhook", 
/**
 * Where to.
 */
url: string, } | { "type": "email", 
/**
 * The mail server's name.
 */
server: string, 
/**
 * Its port.
 */
port: number, 
/**
 * How it is secured.
 */
security: MailSecurity, 
/**
 * The account there; none: it asks for none.
 */
user: string | null, 
/**
 * From whom.
 */
from: string, 
/**
 * To whom.
 */
to: string, };

export type MailSecurity = "tls" | "startTls" | "none";

export type PutChannel = { 
/**
 * Made by who adds it; the same again is the same channel.
 */
id: ChannelId, 
/**
 * What people call it.
 */
name: string, 
/**
 * What it is.
 */
kind: ChannelKind, 
/**
 * Told everything at once, not only what no device has shown after a minute.
 */
always: boolean, 
/**
 * Its secret; never given out again.
 */
secret?: string | null, };

export type Channel = { 
/**
 * Its id.
 */
id: ChannelId, 
/**
 * What people call it.
 */
name: string, 
/**
 * `ntfy`, `telegram`, `webhook`, `email`.
 */
kind: string, 
/**
 * Which server it is at.
 */
service: string, 
/**
 * Told everything at once.
 */
always: boolean, 
/**
 * It has a secret.
 */
secret: boolean, };

export type NotificationReceipt = { 
/**
 * It was opened; otherwise only shown.
 */
opened: boolean, };

export type Notifications = { 
/**
 * This host's public key for push services, base64url; none while its keys are locked.
 */
key: string | null, 
/**
 * What a person wants to be told.
 */
settings: NotifySettings, 
/**
 * Pages that take notifications.
 */
subscriptions: Array<Subscription>, 
/**
 * Channels.
 */
channels: Array<Channel>, 
/**
 * The latest notifications, newest first.
 */
recent: Array<Notification>, 
/**
 * Folders that runs work in, to choose from.
 */
projects: Array<string>, };

export type Pattern = { "type": "command", 
/**
 * The whole command.
 */
text: string, 
/**
 * How it is asked for; options of the command are part of it.
 */
title: string, } | { "type": "commands", 
/**
 * The words, separated by single spaces.
 */
words: string, 
/**
 * How it is asked for; options of the command are part of it.
 */
title: string, } | { "type": "file", 
/**
 * Absolute.
 */
path: string, } | { "type": "folder", 
/**
 * Absolute.
 */
path: string, } | { "type": "workspace" } | { "type": "call", 
/**
 * The agent's kind; each agent has tools of its own.
 */
agent: string, 
/**
 * The agent's name for the tool.
 */
tool: string, 
/**
 * All that was shown of it.
 */
text: string, } | { "type": "tool", 
/**
 * The agent's kind.
 */
agent: string, 
/**
 * The agent's name for the tool.
 */
tool: string, };

export type RuleScope = { "type": "run", 
/**
 * Which.
 */
run: RunId, } | { "type": "project", 
/**
 * Absolute.
 */
dir: string, } | { "type": "always" };

export type Reach = "run" | "project" | "always";

export type RuleEffect = "allow" | "deny";

export type NewRule = { 
/**
 * What it is about.
 */
pattern: Pattern, 
/**
 * How far it reaches.
 */
reach: Reach, };

export type Rule = { 
/**
 * Its id: that of the decision it was made with.
 */
id: RuleId, 
/**
 * What it is about.
 */
pattern: Pattern, 
/**
 * The pattern as a line for people.
 */
text: string, 
/**
 * Where it holds.
 */
scope: RuleScope, 
/**
 * What it does.
 */
effect: RuleEffect, 
/**
 * Words the agent reads when it is denied.
 */
say: string | null, 
/**
 * When it was made.
 */
madeAt: string, 
/**
 * Who made it.
 */
madeBy: Actor, 
/**
 * The approval it was made on.
 */
approval: ApprovalId, 
/**
 * The run it was made in.
 */
run: RunId, 
/**
 * When it was revoked; it decides nothing since.
 */
revokedAt: string | null, 
/**
 * Who revoked it.
 */
revokedBy: Actor | null, 
/**
 * How many approvals it has decided.
 */
used: number, 
/**
 * When it last decided one.
 */
usedAt: string | null, };

export type RulePreview = { 
/**
 * The pattern.
 */
pattern: Pattern, 
/**
 * The pattern as a line for people.
 */
text: string, 
/**
 * How far it reaches.
 */
reach: Reach, 
/**
 * Approvals in its scope that were looked at, the latest.
 */
of: number, 
/**
 * How many of them it covers.
 */
covers: number, 
/**
 * How many that it covers were denied by a person.
 */
denied: number, 
/**
 * How many that wait now it would decide besides this one.
 */
waiting: number, 
/**
 * The latest that it covers, a line each, at most five.
 */
examples: Array<string>, };

export type PreviewRules = { 
/**
 * A pattern of one's own. Nothing: those that fit the approval are proposed.
 */
pattern: Pattern | null, };

export type ChangeRule = { 
/**
 * Made by whoever asks, so that asking twice makes one.
 */
id: RuleId, 
/**
 * The new pattern.
 */
pattern: Pattern, 
/**
 * The new scope, as far as that of the run it was made in.
 */
reach: Reach, };

export type DecideMany = { 
/**
 * At most 200.
 */
decisions: Array<DecideOne>, };

export type DecideOne = { 
/**
 * On what.
 */
approval: ApprovalId, 
/**
 * What.
 */
decision: Decision, };

export type Decided = { 
/**
 * On what.
 */
id: ApprovalId, 
/**
 * The approval afterwards, where the decision was taken.
 */
approval: Approval | null, 
/**
 * Why not, where it was not.
 */
problem: Problem | null, };

export type Capabilities = { 
/**
 * A new attempt can go on in the agent's own earlier session.
 */
resume: boolean, 
/**
 * The running turn can be cut short while the agent stays.
 */
interrupt: boolean, 
/**
 * A prompt sent during a turn reaches the agent in that turn.
 */
steer: boolean, 
/**
 * An approval can be allowed with a changed input.
 */
editInput: boolean, 
/**
 * A denial can carry words that the agent reads.
 */
denyWithReason: boolean, 
/**
 * The agent asks questions with options.
 */
questions: boolean, 
/**
 * The agent proposes plans.
 */
plan: boolean, 
/**
 * It can be told which model to use.
 */
models: boolean, 
/**
 * It has modes to choose from, in all of which it asks before it acts.
 */
modes: boolean, 
/**
 * Images reach it as images.
 */
images: boolean, 
/**
 * The agent is a terminal: bytes in, bytes out, a size.
 */
terminal: boolean, 
/**
 * It can work with a model on the person's own machine (Ollama).
 */
localModel: boolean, 
/**
 * A run of it is started with a command line.
 */
command: boolean, };

export type ProgramChoice = { 
/**
 * Where it is.
 */
program: string, 
/**
 * What it says of its version.
 */
version: string | null, };

export type AgentProblem = { 
/**
 * A stable word for programs: `tooOld`, `chosenMissing`.
 */
code: string, 
/**
 * What it is, as a sentence.
 */
text: string, 
/**
 * What to do.
 */
fix: string, };

export type AgentInfo = { 
/**
 * The word used in commands: `claude`, `hands-on`, `demo`.
 */
kind: string, 
/**
 * The name shown to a person.
 */
name: string, 
/**
 * The program that would run, if one was found.
 */
program: string | null, 
/**
 * What the program says of its version.
 */
version: string | null, 
/**
 * Whether a run with it can start now.
 */
found: boolean, 
/**
 * Where was looked, when it was not found.
 */
looked: Array<string>, 
/**
 * Where to get it, when it was not found.
 */
getIt: string | null, 
/**
 * What a person should know before starting it.
 */
warning: string | null, 
/**
 * What its driver can do.
 */
capabilities: Capabilities, 
/**
 * It is one of the person's own.
 */
own: boolean, 
/**
 * One emoji or letter, where the person gave one.
 */
icon: string, 
/**
 * Another program can be chosen for it.
 */
choosable: boolean, 
/**
 * The person chose its program.
 */
chosen: boolean, 
/**
 * Every program that was found, the one that would be used without a choice first.
 */
choices: Array<ProgramChoice>, 
/**
 * Why it may not work as it should.
 */
problem: AgentProblem | null, };

export type OwnAgentHow = "acp" | "terminal";

export type OwnVariable = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its value. Nothing, from the gateway: it looks like a secret and is kept without being given out. Nothing, to
 * the gateway: the one that is kept stays.
 */
value: string | null, };

export type OwnAgent = { 
/**
 * The word used in commands: small letters, digits and `-`.
 */
kind: string, 
/**
 * The name shown to a person.
 */
name: string, 
/**
 * How it is driven.
 */
how: OwnAgentHow, 
/**
 * Its program: a whole path, or a name that is looked for.
 */
program: string, 
/**
 * Its arguments, one by one: no shell reads them.
 */
args: Array<string>, 
/**
 * Variables set on top of the inherited ones.
 */
env: Array<OwnVariable>, 
/**
 * One emoji or letter.
 */
icon: string, };

export type PutOwnAgent = { 
/**
 * The agent.
 */
agent: OwnAgent, 
/**
 * It is there already and is changed. Otherwise it is new, and one that is there already is left alone.
 */
change: boolean, };

export type RemoveOwnAgent = { 
/**
 * Its kind.
 */
kind: string, };

export type OwnAgentTest = { 
/**
 * It can be used.
 */
ok: boolean, 
/**
 * The program that was found.
 */
program: string | null, 
/**
 * What it calls itself.
 */
version: string | null, 
/**
 * What was seen, as a sentence.
 */
text: string, };

export type ChooseProgram = { 
/**
 * The agent's kind.
 */
kind: string, 
/**
 * The whole path. Nothing: it is looked for again.
 */
program: string | null, };

export type DetectedKind = "confirm" | "choice" | "trust" | "key" | "password" | "text";

export type QuickReply = { 
/**
 * What they mean.
 */
label: string, 
/**
 * The keys, as the terminal gets them.
 */
keys: string, };

export type DetectedPrompt = { 
/**
 * Its id: the attempt and the place in its output.
 */
id: string, 
/**
 * What kind of answer it seems to want.
 */
kind: DetectedKind, 
/**
 * The line that asks, secrets masked; where it is about trust, all that is asked.
 */
text: string, 
/**
 * Keys that would answer.
 */
choices: Array<QuickReply>, };

export type TypeKeys = { 
/**
 * Made by the client; the same again is typed once.
 */
id: string, 
/**
 * The keys.
 */
keys: string, 
/**
 * Only while this detected prompt is on the screen.
 */
prompt: string | null, };

export type ApprovalKind = "command" | "edit" | "tool" | "plan" | "question";

export type FileDiff = { 
/**
 * The file's path, as the agent said it.
 */
path: string, 
/**
 * The change as unified diff hunks, without file headers.
 */
unified: string, 
/**
 * Hex SHA-256 of the file the change was proposed on; absent for a new file.
 */
baseHash: string | null, 
/**
 * Whether the file is made by this change.
 */
created: boolean, };

export type Question = { 
/**
 * The question itself; answers are keyed by it.
 */
text: string, 
/**
 * A word or two that name it.
 */
header: string | null, 
/**
 * Several options may be chosen.
 */
multi: boolean, 
/**
 * What can be chosen. Empty: free text only. Free text is accepted, unless a field says that it is closed.
 */
options: Array<QuestionOption>, 
/**
 * It may be left without an answer.
 */
optional?: boolean, 
/**
 * What the answer must be, where it is a field of a form.
 */
field?: Field, };

export type QuestionOption = { 
/**
 * What is chosen.
 */
label: string, 
/**
 * What choosing it means.
 */
description: string | null, };

export type Field = { 
/**
 * What is to be typed.
 */
kind: FieldKind, 
/**
 * Only what is offered may be chosen.
 */
closed: boolean, 
/**
 * The smallest number, or the shortest text.
 */
least?: number, 
/**
 * The largest number, or the longest text.
 */
most?: number, 
/**
 * What stands there at first.
 */
begins?: string, };

export type FieldKind = "text" | "number" | "integer" | "boolean" | "email" | "url" | "date" | "dateTime";

export type SubAgent = { 
/**
 * The tool use in which it works; what it says and does has this as its parent.
 */
tool: ToolId, 
/**
 * What it was started for, in the agent's words.
 */
name: string, };

export type WebPage = { 
/**
 * Its whole address, in letters that cannot look like others.
 */
url: string, 
/**
 * Where it really leads, with what stands before an `@` and after a `/` left out.
 */
host: string, };

export type Answer = { 
/**
 * The question's text, word for word.
 */
question: string, 
/**
 * The chosen labels, or the words typed.
 */
answers: Array<string>, };

export type ApprovalRequest = { 
/**
 * Derived from the place in the attempt's output where it was asked.
 */
id: ApprovalId, 
/**
 * The run that asks.
 */
run: RunId, 
/**
 * The attempt that asks; no decision crosses attempts.
 */
attempt: AttemptId, 
/**
 * What kind of thing is asked for.
 */
kind: ApprovalKind, 
/**
 * The agent's name for the tool.
 */
tool: string, 
/**
 * A plain sentence: "Run a command", "Edit src/main.rs".
 */
title: string, 
/**
 * The full text of exactly what will run, be written or be answered.
 */
text: string, 
/**
 * The full change, where the request is one.
 */
diffs: Array<FileDiff>, 
/**
 * The tool's input as the agent gave it; what an edit changes.
 */
input: unknown, 
/**
 * What the agent says it is for.
 */
reason: string | null, 
/**
 * The questions, where the request is one.
 */
questions: Array<Question>, 
/**
 * The sub-agent that asks; nothing: the agent itself does.
 */
subAgent?: SubAgent, 
/**
 * The page that a person is asked to open.
 */
webPage?: WebPage, 
/**
 * Hex SHA-256 over all of the above that is shown; a decision names the one it saw.
 */
hash: string, };

export type ApprovalState = "requested" | "allowed" | "denied" | "expired" | "withdrawn" | "delivered" | "finished";

export type Outcome = "ok" | "failed" | "unknown";

export type Resolution = "allowed" | "denied" | "expired" | "withdrawn";

export type Actor = { "kind": "person", 
/**
 * What they used.
 */
name: string, 
/**
 * The device, if it was one.
 */
device?: DeviceId, } | { "kind": "agent" } | { "kind": "gateway" } | { "kind": "rule", 
/**
 * Which.
 */
rule: RuleId, 
/**
 * What it is about, as it was when it decided.
 */
text: string, };

export type Decision = { 
/**
 * Made by whoever decides; sending it again changes nothing.
 */
id: DecisionId, 
/**
 * The hash that was shown.
 */
hash: string, 
/**
 * What was decided.
 */
verdict: Verdict, 
/**
 * Decide so from now on: a rule, made together with this decision or not at all.
 */
rule?: NewRule, };

export type Verdict = { "type": "allow" } | { "type": "allowEdited", 
/**
 * The whole tool input that is to run.
 */
input: unknown, } | { "type": "deny", 
/**
 * Words the agent reads.
 */
say: string | null, 
/**
 * Also end the turn.
 */
stop: boolean, } | { "type": "answer", 
/**
 * One for each question.
 */
answers: Array<Answer>, };

export type Approval = { 
/**
 * How it stands.
 */
state: ApprovalState, 
/**
 * How it was resolved, once it was.
 */
resolution: Resolution | null, 
/**
 * Who decided.
 */
decidedBy: Actor | null, 
/**
 * What was decided, where a person did.
 */
decision: Decision | null, 
/**
 * How it ended.
 */
outcome: Outcome | null, 
/**
 * When it was asked.
 */
requestedAt: string, 
/**
 * When it was resolved.
 */
resolvedAt: string | null, 
/**
 * When the agent got the decision.
 */
deliveredAt: string | null, 
/**
 * When the agent had gone on.
 */
finishedAt: string | null, 
/**
 * What it would touch, read anew whenever a waiting one is served; never stored.
 */
touches?: Touches, 
/**
 * Derived from the place in the attempt's output where it was asked.
 */
id: ApprovalId, 
/**
 * The run that asks.
 */
run: RunId, 
/**
 * The attempt that asks; no decision crosses attempts.
 */
attempt: AttemptId, 
/**
 * What kind of thing is asked for.
 */
kind: ApprovalKind, 
/**
 * The agent's name for the tool.
 */
tool: string, 
/**
 * A plain sentence: "Run a command", "Edit src/main.rs".
 */
title: string, 
/**
 * The full text of exactly what will run, be written or be answered.
 */
text: string, 
/**
 * The full change, where the request is one.
 */
diffs: Array<FileDiff>, 
/**
 * The tool's input as the agent gave it; what an edit changes.
 */
input: unknown, 
/**
 * What the agent says it is for.
 */
reason: string | null, 
/**
 * The questions, where the request is one.
 */
questions: Array<Question>, 
/**
 * The sub-agent that asks; nothing: the agent itself does.
 */
subAgent?: SubAgent, 
/**
 * The page that a person is asked to open.
 */
webPage?: WebPage, 
/**
 * Hex SHA-256 over all of the above that is shown; a decision names the one it saw.
 */
hash: string, };

export type Continues = { 
/**
 * The agent's own name for it.
 */
agentSession: string, };

export type Touches = { 
/**
 * The commands it is made of, in the order they are written; empty for an edit.
 */
parts: Array<CommandPart>, 
/**
 * Files that would be read, written or deleted.
 */
files: Array<FileTouch>, 
/**
 * Where it would connect to.
 */
network: Array<NetworkTouch>, 
/**
 * What is worth a second look.
 */
cautions: Array<Caution>, 
/**
 * What could not be read.
 */
unread: Array<Unread>, 
/**
 * The same for people, gravest first.
 */
lines: Array<TouchLine>, };

export type CommandPart = { 
/**
 * Where it begins.
 */
start: number, 
/**
 * Where it ends.
 */
end: number, 
/**
 * The program that runs; absent when that depends on what happens.
 */
program: string | null, 
/**
 * Program and arguments, without their quotes.
 */
words: Array<Word>, 
/**
 * The part that runs this one: a wrapper such as `sudo`, or the command it is an argument of.
 */
within: number | null, };

export type Word = { 
/**
 * The word, or what stands in its place.
 */
text: string, 
/**
 * Whether this is the word itself; otherwise it depends on a variable or on another command's output.
 */
known: boolean, };

export type FileAccess = "read" | "write" | "delete";

export type FilePlace = "inside" | "outside" | "unknown";

export type FileTouch = { 
/**
 * Its path: from the workspace where it is inside, else whole, with `~` for the home folder.
 */
path: string, 
/**
 * What happens to it.
 */
access: FileAccess, 
/**
 * Where it is.
 */
place: FilePlace, 
/**
 * The part that does it; absent for an edit.
 */
part: number | null, };

export type NetworkTouch = { 
/**
 * The program that connects.
 */
program: string, 
/**
 * To which host, where the command says so.
 */
host: string | null, 
/**
 * The part that does it.
 */
part: number, };

export type CautionKind = "runsFromNetwork" | "privilege" | "irreversible" | "background" | "opaque";

export type Caution = { 
/**
 * Why.
 */
kind: CautionKind, 
/**
 * What it is, in a few words.
 */
text: string, 
/**
 * The part that does it.
 */
part: number, };

export type Unread = { 
/**
 * Where it begins.
 */
start: number, 
/**
 * Where it ends.
 */
end: number, 
/**
 * Why, in a few words.
 */
why: string, };

export type TouchLine = { 
/**
 * It deserves more than a glance.
 */
grave: boolean, 
/**
 * The line. It quotes the command: hostile text.
 */
text: string, };

export type StartRun = { 
/**
 * Made by the client, so that asking twice starts one.
 */
id: RunId, 
/**
 * The agent's kind.
 */
agent: string, 
/**
 * The workspace: an absolute folder inside an allowed root.
 */
dir: string, 
/**
 * The first prompt. A terminal agent needs none.
 */
prompt?: string | null, 
/**
 * What to call the run; by default the first line of the prompt.
 */
label?: string | null, 
/**
 * Seconds an attempt may take; by default no limit.
 */
timeLimit?: number | null, 
/**
 * A model on the host itself, by Ollama's name for it; by default the agent's own.
 */
localModel?: string, 
/**
 * The model, as the agent offers it; by default the agent's own choice.
 */
model?: string | null, 
/**
 * The mode, as the agent offers it; by default the one in which it asks before everything.
 */
mode?: string | null, 
/**
 * Files that go with the first prompt.
 */
attachments?: Array<UploadId>, 
/**
 * Go on by itself when a limit that stopped it resets.
 */
resumeWhenReset?: boolean, 
/**
 * The command line, program first, for an agent that is one. No shell reads it.
 */
command?: Array<string>, 
/**
 * Seconds an approval may wait for a person before it counts as denied; by default as long as it takes.
 */
approvalLimit?: number | null, 
/**
 * A conversation of the agent's own, from its history, to go on with.
 */
continues?: Continues | null, 
/**
 * Work in a fresh git worktree of the folder's repository; by default in the folder itself.
 */
worktree?: NewWorktree | null, };

export type LocalModels = { 
/**
 * Where Ollama was asked.
 */
base: string, 
/**
 * That place is another machine.
 */
elsewhere: boolean, 
/**
 * The models, newest first.
 */
models: Array<LocalModel>, 
/**
 * Why there are none to choose from.
 */
problem: string | null, };

export type LocalModel = { 
/**
 * Its name, with its tag.
 */
name: string, 
/**
 * Bytes on disk.
 */
size: number, };

export type RestartRun = { 
/**
 * The prompt's new id. Made by the client, so that asking twice restarts once.
 */
prompt: PromptId, };

export type CloneRun = { 
/**
 * The new run's id. Made by the client, so that asking twice starts one.
 */
id: RunId, 
/**
 * The first prompt; by default that of the run it is made from.
 */
prompt: string | null, 
/**
 * What to call it; by default as a new run is called.
 */
label: string | null, };

export type HistoryEntry = { 
/**
 * The agent's kind: `claude`, `codex`, `cline` …
 */
agent: string, 
/**
 * The agent's own name for the conversation.
 */
id: string, 
/**
 * What it calls it, else the first prompt's first line.
 */
title: string, 
/**
 * The folder it worked in, where the agent says.
 */
dir: string | null, 
/**
 * When it began, where the agent says.
 */
startedAt: string | null, 
/**
 * When something was last written.
 */
updatedAt: string, 
/**
 * Prompts and answers; unknown where the file is too large to count.
 */
messages: number | null, 
/**
 * The model used last.
 */
model: string | null, 
/**
 * The program that kept it, where several do: `Cursor`, `VSCodium` …
 */
place: string | null, 
/**
 * A process that has it open.
 */
live: HistoryLive | null, 
/**
 * The run of ours that made or continued it: it is shown as that run.
 */
run: RunId | null, 
/**
 * A run can go on with it now.
 */
canContinue: boolean, 
/**
 * Why not, for people.
 */
whyNot: string | null, };

export type HistoryLive = { 
/**
 * Its process id.
 */
pid: number, 
/**
 * It names the conversation, or has its file open. Otherwise the agent runs in the same folder and this is the
 * conversation changed last there: it may be open.
 */
certain: boolean, };

export type HistoryList = { 
/**
 * The conversations.
 */
entries: Array<HistoryEntry>, 
/**
 * How many fit the question, on all pages.
 */
total: number, 
/**
 * Given as `before`, leads to the next page; nothing: this was the last.
 */
next: string | null, 
/**
 * Agents that have something here, whatever was asked for.
 */
agents: Array<string>, 
/**
 * Folders they worked in, the latest first, whatever was asked for; the first hundred.
 */
dirs: Array<string>, };

export type HistoryPage = { 
/**
 * The conversation.
 */
entry: HistoryEntry, 
/**
 * What was said and done.
 */
items: Array<HistoryItem>, 
/**
 * Given as `before`, leads to what was earlier; nothing: it begins here.
 */
earlier: number | null, };

export type HistoryItem = { 
/**
 * Its place: grows along the conversation, and stays while the conversation grows.
 */
pos: number, 
/**
 * When, where the agent says.
 */
at: string | null, 
/**
 * Bytes left out of its texts.
 */
truncated: number, 
/**
 * What.
 */
what: HistoryWhat, };

export type HistoryWhat = { "type": "prompt", 
/**
 * The words.
 */
text: string, } | { "type": "message", 
/**
 * Said or thought.
 */
role: Role, 
/**
 * The words.
 */
text: string, } | { "type": "tool", 
/**
 * The tool, as the agent calls it.
 */
name: string, 
/**
 * What for, in a line.
 */
title: string, 
/**
 * How it ended; nothing: that is not written.
 */
status: ToolStatus | null, 
/**
 * What it gave.
 */
output: string, } | { "type": "notice", 
/**
 * What.
 */
text: string, } | { "type": "raw", 
/**
 * As written.
 */
text: string, };

export type StopHistory = { 
/**
 * The process the person was shown: another one is never ended.
 */
pid: number, };

export type SendPrompt = { 
/**
 * Made by the client, so that sending twice says it once.
 */
id: PromptId, 
/**
 * The words.
 */
text: string, 
/**
 * When it goes to an agent that is at work.
 */
when?: When, 
/**
 * Files that go with it.
 */
attachments?: Array<UploadId>, };

export type ResumeRun = { 
/**
 * What to say first.
 */
prompt: SendPrompt | null, };

export type LabelRun = { 
/**
 * The new name.
 */
label: string, };

export type NewWorktree = { 
/**
 * Its branch; by default `offdesk/` and words of the prompt.
 */
branch: string | null, 
/**
 * What it starts from: a branch, tag or commit; by default what is checked out.
 */
base: string | null, 
/**
 * Ignored files that are copied along, as patterns from the top of the repository (`.env`, `config/*.local`).
 */
copy: Array<string>, };

export type Workspace = { 
/**
 * The run has a worktree of its own; otherwise it works in the person's own checkout.
 */
worktree: boolean, 
/**
 * The checkout the run was asked for in, absolute.
 */
repository: string, 
/**
 * The branch the run works on; nothing: no branch is checked out.
 */
branch: string | null, 
/**
 * The branch it started from, which it can be merged back into.
 */
base: string | null, 
/**
 * The commit it started from; nothing: there was none.
 */
baseCommit: string | null, 
/**
 * What a person should know about it, in sentences.
 */
notes: Array<string>, 
/**
 * Its worktree was removed.
 */
removed: boolean, };

export type FileStatus = "added" | "modified" | "deleted" | "renamed" | "typeChanged";

export type FileStage = "none" | "part" | "all";

export type ChangedFile = { 
/**
 * From the top of the repository.
 */
path: string, 
/**
 * Its name before, when it was renamed.
 */
from: string | null, 
/**
 * What happened.
 */
status: FileStatus, 
/**
 * Lines added; nothing: not a text, or too large to be compared.
 */
added: number | null, 
/**
 * Lines removed.
 */
removed: number | null, 
/**
 * It differs from the last commit. Only in answers about what is now.
 */
uncommitted: boolean, 
/**
 * How far it is staged. Only in answers about what is now.
 */
staged: FileStage, };

export type LeftOut = { 
/**
 * From the top of the repository.
 */
path: string, 
/**
 * Why, in a few words.
 */
why: string, };

export type Programs = { 
/**
 * Each in a line.
 */
list: Array<string>, 
/**
 * Names exactly these, with the hooks' content. Sent along to have them run.
 */
hash: string, };

export type Kept = { 
/**
 * Its ref, which `git show` and others understand.
 */
name: string, 
/**
 * Its commit.
 */
commit: string, 
/**
 * When it was taken.
 */
at: string, 
/**
 * What for: `before`, `turn`, `commit`, `discard`, `restore`, `removed`.
 */
why: string, };

export type Changes = { 
/**
 * The turn, when one was asked for.
 */
turn: TurnId | null, 
/**
 * The workspace; its branch is the one checked out now.
 */
workspace: Workspace, 
/**
 * The files.
 */
files: Array<ChangedFile>, 
/**
 * Files beyond those listed.
 */
more: number, 
/**
 * Files that no snapshot holds.
 */
leftOut: Array<LeftOut>, 
/**
 * Commits of the run's branch that its base does not have.
 */
ahead: number, 
/**
 * What git would start for a commit of all this.
 */
programs: Programs, 
/**
 * Snapshots, latest first.
 */
kept: Array<Kept>, };

export type ChangeDiff = { 
/**
 * The file.
 */
file: ChangedFile, 
/**
 * Unified diff hunks, without file headers. Empty when there is nothing to show line by line.
 */
unified: string, 
/**
 * Hex SHA-256 that names this change, made before secrets in it were masked.
 */
hash: string, 
/**
 * Not a text, or larger than what is compared line by line.
 */
binary: boolean, 
/**
 * Bytes of the diff that were left out: it is too large to be shown.
 */
leftOut: number, };

export type CommitChanges = { 
/**
 * The message.
 */
message: string, 
/**
 * Only these files; none named: all that the run changed.
 */
paths: Array<string>, 
/**
 * What is staged, as it is in the index, and nothing else.
 */
staged: boolean, 
/**
 * Run the repository's programs, which are those of this [`Programs::hash`].
 */
programs: string | null, 
/**
 * Leave the repository's programs out.
 */
withoutPrograms: boolean, };

export type Committed = { 
/**
 * Its id.
 */
commit: string, 
/**
 * The branch it is on.
 */
branch: string | null, };

export type StageChanges = { 
/**
 * These files, and what is below these folders.
 */
paths: Array<string>, 
/**
 * Stage them; otherwise the index has them as the last commit.
 */
staged: boolean, };

export type StagedChanges = { 
/**
 * The files.
 */
paths: Array<string>, };

export type DiscardChanges = { 
/**
 * These files, and what is below these folders.
 */
paths: Array<string>, 
/**
 * All files that are not committed.
 */
all: boolean, };

export type RestoreSnapshot = { 
/**
 * The snapshot's ref or commit.
 */
snapshot: string, 
/**
 * These files; none named: all that differ.
 */
paths: Array<string>, };

export type PutBack = { 
/**
 * The files.
 */
paths: Array<string>, 
/**
 * Files that were left as they are, and why.
 */
left: Array<LeftOut>, 
/**
 * The snapshot of what was there before.
 */
snapshot: string, };

export type MergeBack = { 
/**
 * The branch to merge into; by default the one it started from.
 */
into: string | null, };

export type Merged = { 
/**
 * The branch that has the work now.
 */
into: string, 
/**
 * Where it stands.
 */
commit: string, 
/**
 * It only moved on; otherwise a merge commit was made.
 */
fastForward: boolean, };

export type OpenPullRequest = { 
/**
 * Its title.
 */
title: string, 
/**
 * Its text.
 */
body: string, 
/**
 * The branch it asks to be merged into; by default the one the run started from.
 */
base: string | null, 
/**
 * As a draft.
 */
draft: boolean, 
/**
 * Also run the repository's programs, such as its `pre-push` hook.
 */
withPrograms: boolean, 
/**
 * The [`PullRequestPlan::hash`] that was shown: run exactly this.
 */
confirm: string | null, };

export type PullRequestPlan = { 
/**
 * Each command, argument by argument.
 */
commands: Array<Array<string>>, 
/**
 * Where it is pushed to; a password in the address is masked.
 */
remote: string, 
/**
 * What git would start for the push, if they are wanted.
 */
programs: Programs, 
/**
 * Names exactly this plan.
 */
hash: string, 
/**
 * The pull request, once it is open.
 */
url: string | null, };

export type RemoveWorktree = { 
/**
 * Keep what is not committed as a snapshot first. Without it, such work is a reason to refuse.
 */
save: boolean, 
/**
 * Delete ignored files with it, which no snapshot holds.
 */
ignored: boolean, };

export type RemovedWorktree = { 
/**
 * The ref that holds what was not committed, if anything was.
 */
saved: string | null, 
/**
 * The branch, which stays because it has commits that nothing else has.
 */
branch: string | null, };

export type WorktreeInfo = { 
/**
 * Its folder.
 */
path: string, 
/**
 * Its run; nothing: the run is not known here any more.
 */
run: RunId | null, 
/**
 * What the run is called.
 */
label: string | null, 
/**
 * The branch checked out in it.
 */
branch: string | null, 
/**
 * How its run stands.
 */
state: RunState | null, };

export type WorkspaceDeed = { "type": "committed", 
/**
 * The commit.
 */
commit: string, 
/**
 * The first line of its message.
 */
subject: string, 
/**
 * The repository's programs ran.
 */
programs: boolean, } | { "type": "discarded", 
/**
 * How many files.
 */
files: number, 
/**
 * What was there before.
 */
snapshot: string, } | { "type": "restored", 
/**
 * How many files.
 */
files: number, 
/**
 * What was there before.
 */
snapshot: string, } | { "type": "merged", 
/**
 * Into this branch.
 */
into: string, 
/**
 * Where that stands.
 */
commit: string, } | { "type": "pullRequestOpened", 
/**
 * Its address.
 */
url: string, } | { "type": "worktreeRemoved", 
/**
 * The ref that holds what was not committed.
 */
saved: string | null, 
/**
 * The branch that stays.
 */
branch: string | null, };

export type Login = { 
/**
 * The code from the address's fragment.
 */
code: string, 
/**
 * What to call this page in lists and receipts.
 */
name: string | null, };

export type LoginGranted = { 
/**
 * Sent as `Authorization: Bearer …`, or in the live `hello`.
 */
token: string, };

export type DeviceRole = "viewer" | "operator" | "admin";

export type DeviceState = "active" | "revoked";

export type Device = { 
/**
 * Its id.
 */
id: DeviceId, 
/**
 * What people call it.
 */
name: string, 
/**
 * What it runs on.
 */
platform: string, 
/**
 * What it may do.
 */
role: DeviceRole, 
/**
 * How it stands.
 */
state: DeviceState, 
/**
 * It is a page on this machine.
 */
local: boolean, 
/**
 * Where its pages came from.
 */
origins: Array<string>, 
/**
 * How many keys it has: one for each page that became this device.
 */
keys: number, 
/**
 * Since when.
 */
createdAt: string, 
/**
 * When it was last connected.
 */
seenAt: string | null, 
/**
 * The paths it is connected by now, one for each connection.
 */
online: Array<PathKind>, 
/**
 * How many approvals it has decided.
 */
decided: number, };

export type KeyInfo = { 
/**
 * Names it in lists; of no use to get in.
 */
id: string, 
/**
 * What it was made for.
 */
name: string, 
/**
 * What its holder may do.
 */
role: DeviceRole, 
/**
 * Since when.
 */
createdAt: string, 
/**
 * When it was last used, to the minute. After ninety days without use it opens nothing.
 */
usedAt: string, };

export type PairingRequest = { 
/**
 * The device.
 */
device: DeviceId, 
/**
 * What it calls itself.
 */
name: string, 
/**
 * What it says it runs on.
 */
platform: string, 
/**
 * Both screens show them; if they differ, somebody else is asking.
 */
digits: string, 
/**
 * How it came.
 */
path: PathKind, 
/**
 * What it may do once it is let in.
 */
role: DeviceRole, 
/**
 * It was let in before, and revoked.
 */
again: boolean, 
/**
 * Since when it waits.
 */
askedAt: string, };

export type OfferFor = "page" | "phone";

export type Via = "lan" | "edge";

export type MakeOffer = { 
/**
 * For whom. Not said: for a phone where one can reach this host, else for a page.
 */
for: OfferFor | null, 
/**
 * What the device may do. Not said: everything.
 */
role: DeviceRole | null, 
/**
 * The way the phone should come by. Not said: the best there is.
 */
via?: Via | null, };

export type PairingOffer = { 
/**
 * For whom.
 */
for: OfferFor, 
/**
 * Open this in the browser.
 */
loginUrl: string, 
/**
 * When the code stops working.
 */
expiresAt: string, 
/**
 * This host's name, for people.
 */
hostName: string, 
/**
 * The way it leads by.
 */
path: PathKind, 
/**
 * Why it is not what was wanted, or what else to know.
 */
note: string | null, };

export type MakeAdoption = { 
/**
 * The origin that page will have: one of the host's paths, or the device's own.
 */
origin: string, };

export type PairingDecision = { 
/**
 * Let it in.
 */
approved: boolean, };

export type RenameDevice = { 
/**
 * The name.
 */
name: string, };

export type PathKind = "local" | "lan" | "edge" | "relay";

export type Path = { 
/**
 * How.
 */
kind: PathKind, 
/**
 * An origin, without a slash at the end.
 */
url: string, };

export type Paths = { 
/**
 * The host's id.
 */
host: string, 
/**
 * When this was said, in Unix milliseconds; a newer record replaces an older one.
 */
issued: number, 
/**
 * The ways, best first.
 */
paths: Array<Path>, };

export type SignedPaths = { 
/**
 * The JSON of [`Paths`], byte for byte as it was signed.
 */
record: string, 
/**
 * The host's Ed25519 signature, in base64.
 */
signature: string, };

export type Reachable = { 
/**
 * The ways, best first.
 */
paths: Array<Path>, 
/**
 * The same, signed; none while the host's keys are locked away.
 */
signed: SignedPaths | null, };

export type PairingHello = { 
/**
 * Newest version of the link it speaks.
 */
newest: number, 
/**
 * What to call it.
 */
name: string, 
/**
 * What it runs on.
 */
platform: string, 
/**
 * Its Ed25519 public key, in base64.
 */
signingKey: string, 
/**
 * Its page's version.
 */
build: string, 
/**
 * Where its page came from.
 */
origin: string, };

export type HostWords = { 
/**
 * Its id.
 */
id: string, 
/**
 * Its name, for people.
 */
name: string, 
/**
 * Its Ed25519 public key, in base64; none on this machine's own path.
 */
signingKey: string | null, };

export type Consent = "approved" | "waiting" | "refused";

export type PairingAnswer = { 
/**
 * Whom it has found.
 */
host: HostWords, 
/**
 * The device's id from now on.
 */
device: string, 
/**
 * The device's secret for its sessions, in base64.
 */
secret: string, 
/**
 * What it may do once it is let in.
 */
role: DeviceRole, 
/**
 * Whether it is let in.
 */
state: Consent, 
/**
 * Where the host can be reached.
 */
paths: SignedPaths | null, };

export type PairingEnd = { 
/**
 * Let in or not.
 */
state: Consent, };

export type SessionHello = { 
/**
 * Newest version of the link it speaks.
 */
newest: number, 
/**
 * Its page's version.
 */
build: string, };

export type SessionAnswer = { 
/**
 * Whom it has reached.
 */
host: HostWords, 
/**
 * Where else the host can be reached.
 */
paths: SignedPaths | null, };

export type RequestHead = { 
/**
 * GET, POST, …
 */
method: string, 
/**
 * With the query.
 */
path: string, 
/**
 * Lower-case names.
 */
headers: { [key in string]: string }, };

export type ResponseHead = { 
/**
 * As in HTTP.
 */
status: number, 
/**
 * Lower-case names.
 */
headers: { [key in string]: string }, };

export type TunnelChoice = "off" | "quick" | "named";

export type KeysPlace = "keyring" | "file" | "locked";

export type Settings = { 
/**
 * Folders under which runs may work; never empty.
 */
roots: Array<string>, 
/**
 * How many runs work at once.
 */
maxWorking: number, 
/**
 * The local network is served.
 */
lan: boolean, 
/**
 * Which tunnel is wanted.
 */
tunnel: TunnelChoice, 
/**
 * A named tunnel's address.
 */
tunnelUrl: string | null, 
/**
 * A named tunnel's token is kept. It is never given out.
 */
tunnelToken: boolean, 
/**
 * The tunnel's program, where the person chose one.
 */
cloudflared: string | null, 
/**
 * Nothing comes in from outside until it is resumed; it stays so after a restart.
 */
paused: boolean, 
/**
 * Names of fields that the command line fixed for this start.
 */
fixed: Array<string>, 
/**
 * Where the host's keys are.
 */
keys: KeysPlace, };

export type ChangeSettings = { 
/**
 * Folders under which runs may work.
 */
roots?: Array<string>, 
/**
 * How many runs work at once.
 */
maxWorking?: number, 
/**
 * Serve the local network.
 */
lan?: boolean, 
/**
 * Which tunnel.
 */
tunnel?: TunnelChoice, 
/**
 * A named tunnel's address; an empty one forgets it.
 */
tunnelUrl?: string, 
/**
 * A named tunnel's token; an empty one forgets it.
 */
tunnelToken?: string, 
/**
 * The tunnel's program; an empty one looks for it.
 */
cloudflared?: string, 
/**
 * Pause remote access, or resume it.
 */
paused?: boolean, };

export type About = { 
/**
 * Its version.
 */
version: string, 
/**
 * Its process.
 */
pid: number, 
/**
 * This host's name, for people.
 */
hostName: string, 
/**
 * Where pages of this machine reach it.
 */
url: string, 
/**
 * Since when it runs.
 */
startedAt: string, 
/**
 * Somebody watches over its process: a service manager, or the app.
 */
managed: boolean, };

export type StopGateway = { 
/**
 * End all runs too.
 */
stopRuns: boolean, };

export type TunnelProgram = { 
/**
 * Where it is.
 */
path: string, 
/**
 * Its version.
 */
version: string, };

export type Folders = { 
/**
 * Folders under which workspaces are allowed, absolute.
 */
roots: Array<string>, 
/**
 * Workspaces used lately, newest first.
 */
recent: Array<string>, 
/**
 * The folder listed, absolute, when one was asked for.
 */
dir: string | null, 
/**
 * Its sub-folders' names, sorted; hidden ones left out.
 */
children: Array<string>, };

export type SearchHit = { 
/**
 * Its run.
 */
run: RunId, 
/**
 * Its event.
 */
seq: number, 
/**
 * The place, with the words found between `⟦` and `⟧`.
 */
snippet: string, };

export type ErrorCode = "notFound" | "badRequest" | "outsideRoots" | "agentMissing" | "alreadyResolved" | "approvalChanged" | "wrongState" | "fileExists" | "unsupported" | "notAllowed" | "unauthorized" | "tooLarge" | "storageFailed" | "unreachable" | "internal";

export type Problem = { 
/**
 * For programs.
 */
code: ErrorCode, 
/**
 * For people.
 */
message: string, 
/**
 * What to do next.
 */
hint?: string | null, };

export type Envelope = { 
/**
 * Grows by one with each event of the log.
 */
seq: number, 
/**
 * When it was appended.
 */
at: string, 
/**
 * Where it happened.
 */
host: HostId, 
/**
 * The run it belongs to.
 */
run: RunId, 
/**
 * What happened.
 */
event: Event, };

export type Event = { "type": "run.created", 
/**
 * The agent's kind.
 */
agent: string, 
/**
 * The workspace, absolute.
 */
dir: string, 
/**
 * What the run is called.
 */
label: string, 
/**
 * Seconds an attempt may take; nothing: no limit.
 */
timeLimit: number | null, 
/**
 * Seconds an approval waits before it counts as denied; nothing: as long as it takes.
 */
approvalLimit: number | null, 
/**
 * The agent is a terminal: it has no turns.
 */
terminal: boolean, 
/**
 * The model on the host itself it is to use.
 */
localModel?: string, 
/**
 * The command line, for an agent that is one.
 */
command?: Array<string>, 
/**
 * Who asked.
 */
by: Actor, } | { "type": "run.resumed", 
/**
 * Who asked.
 */
by: Actor, 
/**
 * In a new conversation: what the agent knew and what waited to be said belong to the old one.
 */
afresh: boolean, } | { "type": "run.starting", 
/**
 * The attempt.
 */
attempt: AttemptId, 
/**
 * 1 for the first.
 */
number: number, } | { "type": "run.started", 
/**
 * The attempt.
 */
attempt: AttemptId, 
/**
 * The agent's process id.
 */
pid: number, 
/**
 * The program that was started.
 */
program: string, } | { "type": "agent.identified", 
/**
 * The agent's own handle for this conversation; used to resume it.
 */
agentSession: string | null, 
/**
 * The model it uses.
 */
model: string | null, 
/**
 * Its version.
 */
version: string | null, } | { "type": "agent.offered", 
/**
 * What.
 */
offers: Offers, } | { "type": "run.modelAsked", 
/**
 * The choice.
 */
control: ControlId, 
/**
 * The agent's word for it.
 */
model: string, 
/**
 * Who chose.
 */
by: Actor, } | { "type": "run.modeAsked", 
/**
 * The choice.
 */
control: ControlId, 
/**
 * The agent's word for it.
 */
mode: string, 
/**
 * Who chose.
 */
by: Actor, } | { "type": "agent.modelChanged", 
/**
 * The agent's word for it.
 */
model: string, 
/**
 * The choice it follows.
 */
control: ControlId | null, } | { "type": "agent.modeChanged", 
/**
 * The agent's word for it.
 */
mode: string, 
/**
 * The choice it follows.
 */
control: ControlId | null, } | { "type": "agent.controlRefused", 
/**
 * The choice.
 */
control: ControlId, 
/**
 * Why, for a person.
 */
why: string, } | { "type": "run.stopRequested", 
/**
 * Who asked.
 */
by: Actor, 
/**
 * Because its time ran out.
 */
timedOut: boolean, } | { "type": "run.interruptRequested", 
/**
 * Who asked.
 */
by: Actor, } | { "type": "run.exited", 
/**
 * The attempt.
 */
attempt: AttemptId, 
/**
 * How it ended.
 */
exit: Exit, } | { "type": "run.archived", 
/**
 * Who did.
 */
by: Actor, } | { "type": "run.deleted", 
/**
 * Who did.
 */
by: Actor, } | { "type": "run.labelled", 
/**
 * The new name.
 */
label: string, } | { "type": "turn.started", 
/**
 * The turn.
 */
turn: TurnId, } | { "type": "turn.finished", 
/**
 * The turn.
 */
turn: TurnId, 
/**
 * How.
 */
status: TurnStatus, 
/**
 * What went wrong, for a person.
 */
error: string | null, } | { "type": "prompt.sent", 
/**
 * The prompt.
 */
prompt: PromptId, 
/**
 * The words.
 */
text: string, 
/**
 * Who said it.
 */
by: Actor, 
/**
 * When it goes to an agent that is at work.
 */
when: When, 
/**
 * Files that go with it.
 */
attachments: Array<Attachment>, } | { "type": "prompt.withdrawn", 
/**
 * The prompt.
 */
prompt: PromptId, 
/**
 * Who took it back.
 */
by: Actor, } | { "type": "prompt.changed", 
/**
 * The prompt.
 */
prompt: PromptId, 
/**
 * The words.
 */
text: string, 
/**
 * Who changed it.
 */
by: Actor, } | { "type": "prompt.moved", 
/**
 * The prompt.
 */
prompt: PromptId, 
/**
 * Before this one; nothing: to the end.
 */
before: PromptId | null, 
/**
 * Who moved it.
 */
by: Actor, } | { "type": "prompt.delivered", 
/**
 * The prompt.
 */
prompt: PromptId, 
/**
 * The agent told of a turn behind it before it was known to have it, so none is awaited.
 */
turned?: boolean, } | { "type": "message.added", 
/**
 * The message; streaming deltas named it before.
 */
message: MessageId, 
/**
 * Said or thought.
 */
role: Role, 
/**
 * The words, markdown.
 */
text: string, 
/**
 * The tool use this message belongs to, for sub-agents.
 */
parent: ToolId | null, } | { "type": "tool.started", 
/**
 * The use.
 */
tool: ToolId, 
/**
 * The agent's name for the tool.
 */
name: string, 
/**
 * What kind of tool.
 */
kind: ToolKind, 
/**
 * One line for a person.
 */
title: string, 
/**
 * The tool's input.
 */
input: unknown, 
/**
 * The tool use this one belongs to, for sub-agents.
 */
parent: ToolId | null, } | { "type": "tool.finished", 
/**
 * The use.
 */
tool: ToolId, 
/**
 * How.
 */
status: ToolStatus, 
/**
 * What it gave, possibly shortened; `truncated` says how many bytes are missing.
 */
output: string, 
/**
 * Bytes left out of `output`.
 */
truncated: number, 
/**
 * What it changed.
 */
diffs: Array<FileDiff>, } | { "type": "approval.requested", 
/**
 * What is asked.
 */
approval: ApprovalRequest, } | { "type": "question.asked", 
/**
 * What is asked.
 */
approval: ApprovalRequest, } | { "type": "approval.resolved", 
/**
 * Which.
 */
approval: ApprovalId, 
/**
 * How.
 */
resolution: Resolution, 
/**
 * The decision, where a person made one.
 */
decision: Decision | null, 
/**
 * Who.
 */
by: Actor, } | { "type": "question.answered", 
/**
 * Which.
 */
approval: ApprovalId, 
/**
 * How.
 */
resolution: Resolution, 
/**
 * The decision, where a person made one.
 */
decision: Decision | null, 
/**
 * Who.
 */
by: Actor, } | { "type": "approval.delivered", 
/**
 * Which.
 */
approval: ApprovalId, } | { "type": "approval.finished", 
/**
 * Which.
 */
approval: ApprovalId, 
/**
 * How it went.
 */
outcome: Outcome, } | { "type": "workspace.prepared", 
/**
 * Where.
 */
workspace: Workspace, } | { "type": "snapshot.taken", 
/**
 * The snapshot's commit.
 */
commit: string, } | { "type": "changes.recorded", 
/**
 * The turn.
 */
turn: TurnId, 
/**
 * The snapshot before it.
 */
base: string, 
/**
 * The snapshot after it.
 */
tree: string, 
/**
 * The files, the first of them.
 */
files: Array<ChangedFile>, 
/**
 * Files beyond those.
 */
more: number, } | { "type": "workspace.changed", 
/**
 * What.
 */
deed: WorkspaceDeed, 
/**
 * Who.
 */
by: Actor, } | { "type": "artifact.added", 
/**
 * What, and by whom.
 */
artifact: Artifact, } | { "type": "usage.reported", 
/**
 * The figures.
 */
usage: Usage, } | { "type": "limit.reported", 
/**
 * The limit.
 */
limit: Limit, } | { "type": "run.resumeWhenReset", 
/**
 * Whether it does.
 */
on: boolean, 
/**
 * Who said so.
 */
by: Actor, } | { "type": "notice.raised", 
/**
 * How bad.
 */
level: NoticeLevel, 
/**
 * A stable word for programs.
 */
code: string, 
/**
 * A sentence for people.
 */
text: string, } | { "type": "prompt.detected", 
/**
 * What it seems to ask.
 */
detected: DetectedPrompt, } | { "type": "prompt.gone", 
/**
 * The detected prompt's id.
 */
id: string, } | { "type": "unknown" };

export type Exit = { "type": "exited", 
/**
 * The exit code.
 */
code: number, 
/**
 * The last words on its standard error.
 */
detail: string | null, } | { "type": "signalled", 
/**
 * The signal's number.
 */
signal: number, 
/**
 * The last words on its standard error.
 */
detail: string | null, } | { "type": "notStarted", 
/**
 * Why, for a person.
 */
detail: string, } | { "type": "lost", 
/**
 * What is known.
 */
detail: string, };

export type TurnStatus = "completed" | "interrupted" | "failed";

export type Role = "agent" | "thought";

export type ToolKind = "command" | "edit" | "read" | "search" | "fetch" | "agent" | "question" | "plan" | "other";

export type ToolStatus = "ok" | "failed" | "denied";

export type Usage = { 
/**
 * Tokens read, without cached ones.
 */
inputTokens: number, 
/**
 * Tokens written.
 */
outputTokens: number, 
/**
 * Tokens read from a cache.
 */
cachedTokens: number, 
/**
 * US dollars, where the agent says.
 */
costUsd: number | null, };

export type NoticeLevel = "info" | "warning" | "error";

export type Health = { 
/**
 * Nothing needs attention.
 */
ok: boolean, 
/**
 * One sentence for a person.
 */
sentence: string, 
/**
 * Its beginning, for whoever knows of runs and decisions sooner than health is asked again: how the machine is
 * reached ([`counted`] makes the sentence of it). Empty when something failed.
 */
reached: string, 
/**
 * Each hop, outermost first.
 */
hops: Array<Hop>, 
/**
 * What a person should know.
 */
warnings: Array<Warning>, 
/**
 * How much is kept by what, once that was looked at.
 */
storage?: Storage, };

export type Hop = { 
/**
 * Its name: `edge`, `tunnel`, `gateway`, `log`, `runner`, `agents`.
 */
name: string, 
/**
 * How it is.
 */
state: HopState, 
/**
 * What was seen.
 */
detail: string, 
/**
 * When it was looked at.
 */
checkedAt: string, };

export type HopState = "ok" | "failed" | "off" | "unknown";

export type Warning = { 
/**
 * For programs.
 */
code: string, 
/**
 * How bad.
 */
severity: NoticeLevel, 
/**
 * What it is.
 */
text: string, 
/**
 * What to do.
 */
fix: string, 
/**
 * The hop it is about: while that one is in order, this does not matter. None: it always does.
 */
dependsOn: string | null, 
/**
 * Seconds it must have lasted before a person is troubled with it.
 */
visibleAfter: number, };

export type Cursor = { 
/**
 * Which log.
 */
log: LogId, 
/**
 * The last event applied.
 */
seq: number, };

export type OutputStart = { "type": "offset", 
/**
 * Bytes from the start.
 */
offset: number, } | { "type": "screen" };

export type KeyboardHolder = { 
/**
 * A device's name, or the program's that they use.
 */
name: string, 
/**
 * They sit at this machine.
 */
here: boolean, };

export type TerminalSize = { 
/**
 * Columns.
 */
cols: number, 
/**
 * Rows.
 */
rows: number, };

export type Keyboard = { 
/**
 * Who has it. Nobody: whoever types first gets it.
 */
holder: KeyboardHolder | null, 
/**
 * It is this viewer.
 */
yours: boolean, 
/**
 * The terminal's size, where somebody has said one.
 */
size: TerminalSize | null, };

export type FromViewer = { "type": "hello", 
/**
 * The viewer's protocol version.
 */
version: number, 
/**
 * The bearer key; none over the local socket.
 */
token: string | null, 
/**
 * What it has. Nothing: only what happens from now on, after the snapshot.
 */
cursor: Cursor | null, } | { "type": "watch", 
/**
 * Chosen by the viewer.
 */
channel: number, 
/**
 * The run.
 */
run: RunId, 
/**
 * The attempt; by default the latest.
 */
attempt: AttemptId | null, 
/**
 * From where.
 */
from: OutputStart, } | { "type": "unwatch", 
/**
 * The channel.
 */
channel: number, } | { "type": "input", 
/**
 * The run.
 */
run: RunId, 
/**
 * Unique for this input; the same again is written once.
 */
id: string, 
/**
 * What was typed.
 */
text: string, } | { "type": "resize", 
/**
 * The run.
 */
run: RunId, 
/**
 * Columns.
 */
cols: number, 
/**
 * Rows.
 */
rows: number, } | { "type": "takeKeyboard", 
/**
 * The run.
 */
run: RunId, } | { "type": "ping", 
/**
 * Given back.
 */
nonce: number, };

export type ToViewer = { "type": "snapshot", 
/**
 * The log and its head at this moment.
 */
cursor: Cursor, 
/**
 * The gateway's protocol version.
 */
version: number, 
/**
 * The gateway's build version.
 */
build: string, 
/**
 * This host.
 */
host: HostId, 
/**
 * This host's name.
 */
hostName: string, 
/**
 * The viewer's cursor was unknown.
 */
resync: boolean, 
/**
 * All runs that are not archived.
 */
runs: Array<RunView>, 
/**
 * All approvals that wait.
 */
approvals: Array<Approval>, } | { "type": "events", 
/**
 * In order.
 */
events: Array<Envelope>, } | { "type": "run", 
/**
 * The whole view.
 */
run: RunView, } | { "type": "approval", 
/**
 * The whole approval.
 */
approval: Approval, } | { "type": "delta", 
/**
 * The run.
 */
run: RunId, 
/**
 * The message.
 */
message: MessageId, 
/**
 * Said or thought.
 */
role: Role, 
/**
 * The next piece.
 */
text: string, } | { "type": "inputWritten", 
/**
 * Its id.
 */
id: string, } | { "type": "outputEnded", 
/**
 * The channel.
 */
channel: number, 
/**
 * The output's length in bytes.
 */
length: number, } | { "type": "pong", 
/**
 * As sent.
 */
nonce: number, } | { "type": "error", 
/**
 * What.
 */
problem: Problem, 
/**
 * The channel or input it belongs to.
 */
about: string | null, } | { "type": "keyboard", 
/**
 * The run.
 */
run: RunId, 
/**
 * How it stands.
 */
keyboard: Keyboard, } | { "type": "paths", 
/**
 * The newest record.
 */
paths: SignedPaths, } | { "type": "device", 
/**
 * The whole device.
 */
device: Device, } | { "type": "pairings", 
/**
 * All of them.
 */
pairings: Array<PairingRequest>, } | { "type": "restarting" };

export type RunState = "queued" | "starting" | "working" | "waiting" | "idle" | "done" | "failed" | "stopped" | "lost" | "timedOut";

export type Needs = "approval" | "question" | "prompt";

export type RunView = { 
/**
 * Its id.
 */
id: RunId, 
/**
 * The agent's kind.
 */
agent: string, 
/**
 * The workspace, absolute.
 */
dir: string, 
/**
 * What it is called.
 */
label: string, 
/**
 * How it stands.
 */
state: RunState, 
/**
 * What it needs.
 */
needs: Needs | null, 
/**
 * Number of the latest attempt; 0 before the first.
 */
attempt: number, 
/**
 * Id of the latest attempt.
 */
attemptId: AttemptId | null, 
/**
 * Process id of the agent, while it lives.
 */
pid: number | null, 
/**
 * Place in the queue, 1 is next; only while queued.
 */
queue: number | null, 
/**
 * Decisions that wait.
 */
waiting: number, 
/**
 * One line that says why it stands as it does: what it asks, the last thing said, how it ended.
 */
line: string, 
/**
 * The model, where known.
 */
model: string | null, 
/**
 * The model runs on the host itself: its name there.
 */
localModel: string | null, 
/**
 * The agent is a terminal.
 */
terminal: boolean, 
/**
 * The command line, for an agent that is one.
 */
command: Array<string> | null, 
/**
 * What its screen seems to ask.
 */
detected: DetectedPrompt | null, 
/**
 * What it used.
 */
usage: Usage, 
/**
 * Whether it was put away.
 */
archived: boolean, 
/**
 * The git repository it works in; nothing: none.
 */
workspace: Workspace | null, 
/**
 * The last event folded into this view; a view with a lower one is older.
 */
seq: number, 
/**
 * When it was asked for.
 */
createdAt: string, 
/**
 * When something last happened.
 */
updatedAt: string, 
/**
 * The mode, in the agent's word, where it has such.
 */
mode: string | null, 
/**
 * A model that was chosen and that the agent has not confirmed.
 */
modelAsked: string | null, 
/**
 * A mode that was chosen and that the agent has not confirmed.
 */
modeAsked: string | null, 
/**
 * Prompts the agent does not have yet, in their order.
 */
queued: Array<QueuedPrompt>, 
/**
 * The limit that is reached or nearest, if the agent told of any.
 */
limit: Limit | null, 
/**
 * It is to go on by itself when a limit that stopped it resets.
 */
resumeWhenReset: boolean, 
/**
 * It waits for this moment and then goes on by itself.
 */
waitsUntil: string | null, };

