//! Prints the TypeScript twins of the protocol's types. `cargo x types` writes them to
//! `packages/client/src/types.gen.ts`.

use offdesk_protocol::*;
use ts_rs::{Config, TS};

fn main() {
    let config = Config::default();
    println!("// Made by `cargo x types` from crates/protocol. Do not edit.\n");
    println!("export const PROTOCOL_VERSION = {PROTOCOL_VERSION};\n");
    macro_rules! print_types {
        ($($ty:ty),* $(,)?) => { $( println!("export {}\n", <$ty as TS>::decl(&config)); )* };
    }
    print_types!(
        LogId,
        HostId,
        RunId,
        AttemptId,
        ApprovalId,
        DecisionId,
        PromptId,
        TurnId,
        MessageId,
        ToolId,
        Capabilities,
        AgentInfo,
        ApprovalKind,
        FileDiff,
        Question,
        QuestionOption,
        Answer,
        ApprovalRequest,
        ApprovalState,
        Outcome,
        Resolution,
        Actor,
        Decision,
        Verdict,
        Approval,
        StartRun,
        SendPrompt,
        ResumeRun,
        LabelRun,
        Login,
        LoginGranted,
        PairingOffer,
        Folders,
        SearchHit,
        ErrorCode,
        Problem,
        Envelope,
        Event,
        Exit,
        TurnStatus,
        Role,
        ToolKind,
        ToolStatus,
        Usage,
        NoticeLevel,
        Health,
        Hop,
        HopState,
        Warning,
        Cursor,
        OutputStart,
        FromViewer,
        ToViewer,
        RunState,
        Needs,
        RunView,
    );
}
