//! `sar case`: every step of a case. One file a step or two.

pub(crate) mod calls;
mod close;
pub(super) mod connect;
mod deliver;
mod hold;
mod identity;
pub(crate) mod list;
mod new;
pub(crate) mod package;
pub(crate) mod review;
pub(crate) mod search;
pub(crate) mod show;

use clap::{Args, Subcommand};
use services::{
    api::{CallRef, CaseRef, RoleName},
    app::App,
};

use crate::{desk::DeskArgs, failure::Failure, output::Output};

#[derive(Subcommand)]
pub(crate) enum CaseCommand {
    /// Connect the source of recordings; the connection is kept
    Connect(On<connect::ConnectArgs>),
    /// Open a case from a request file
    New(On<new::NewArgs>),
    /// List cases by due date
    List(On<list::ListArgs>),
    /// Show a case: step, due date, counts
    Show(On<show::ShowArgs>),
    /// Record an identity check of the requestor
    Verify(On<identity::VerifyArgs>),
    /// Search the source for every call of the data subject
    Search(On<search::SearchArgs>),
    /// Freeze the list of calls; it cannot change after this
    Freeze(On<search::FreezeArgs>),
    /// Retrieve the calls of the list into custody
    Retrieve(On<calls::CallsArgs>),
    /// Go on without a call that cannot be had
    LeaveOut(On<calls::LeaveOutArgs>),
    /// Ask the source to bring an archived call out of its archive
    Restore(On<calls::RestoreArgs>),
    /// Show the legal hold of a case, and ask again for what failed
    Hold(On<hold::HoldArgs>),
    /// Detect personal data in what was retrieved; repeats what failed
    Detect(On<calls::CallsArgs>),
    /// Show and decide the spans of a call
    Review(On<review::ReviewArgs>),
    /// Approve reviewed calls as a second person, or return one
    Approve(On<review::ApproveArgs>),
    /// Check what is missing and seal the package
    Package(On<package::PackageArgs>),
    /// Hand the sealed package over into the delivery folder
    Deliver(On<deliver::DeliverArgs>),
    /// End a case that nothing is handed over for
    Close(On<close::CloseArgs>),
}

/// A command with its desk.
#[derive(Args)]
pub(crate) struct On<T: Args> {
    #[command(flatten)]
    command: T,
    #[command(flatten)]
    desk: DeskArgs,
}

impl<T: Args> On<T> {
    pub(crate) fn run(
        self,
        role: RoleName,
        work: impl AsyncFnOnce(&App, &T) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        self.desk
            .run(role, async |app| work(app, &self.command).await)
    }
}

pub(crate) fn run(command: CaseCommand, output: &mut Output) -> Result<(), Failure> {
    let (worker, looks) = (RoleName::CaseWorker, RoleName::Auditor);
    match command {
        CaseCommand::Connect(on) => {
            on.run(worker, async |app, it| connect::run(app, it, output).await)
        }
        CaseCommand::New(on) => on.run(worker, async |app, it| new::run(app, it, output).await),
        CaseCommand::List(on) => on.run(looks, async |app, it| list::run(app, it, output).await),
        CaseCommand::Show(on) => on.run(looks, async |app, it| show::run(app, it, output).await),
        CaseCommand::Verify(on) => {
            on.run(worker, async |app, it| identity::run(app, it, output).await)
        }
        CaseCommand::Search(on) => {
            on.run(worker, async |app, it| search::run(app, it, output).await)
        }
        CaseCommand::Freeze(on) => on.run(worker, async |app, it| {
            search::freeze(app, it, output).await
        }),
        CaseCommand::Retrieve(on) => on.run(worker, async |app, it| {
            calls::retrieve(app, it, output).await
        }),
        CaseCommand::LeaveOut(on) => on.run(worker, async |app, it| {
            calls::leave_out(app, it, output).await
        }),
        CaseCommand::Restore(on) => on.run(worker, async |app, it| {
            calls::restore(app, it, output).await
        }),
        CaseCommand::Hold(on) => on.run(worker, async |app, it| hold::run(app, it, output).await),
        CaseCommand::Detect(on) => {
            on.run(worker, async |app, it| calls::detect(app, it, output).await)
        }
        CaseCommand::Review(on) => {
            on.run(worker, async |app, it| review::run(app, it, output).await)
        }
        CaseCommand::Approve(on) => on.run(RoleName::Approver, async |app, it| {
            review::approve(app, it, output).await
        }),
        CaseCommand::Package(on) => {
            on.run(worker, async |app, it| package::run(app, it, output).await)
        }
        CaseCommand::Deliver(on) => {
            on.run(worker, async |app, it| deliver::run(app, it, output).await)
        }
        CaseCommand::Close(on) => on.run(worker, async |app, it| close::run(app, it, output).await),
    }
}

/// Names a case to the core.
pub(crate) fn case_ref(case_id: &str) -> CaseRef {
    CaseRef {
        case_id: case_id.to_owned(),
    }
}

/// Names a call to the core.
pub(crate) fn call_ref(case_id: &str, call: u32) -> CallRef {
    CallRef {
        case_id: case_id.to_owned(),
        call,
    }
}

/// Names with underscores, as words.
pub(crate) fn words(name: &str) -> String {
    name.replace('_', " ")
}
