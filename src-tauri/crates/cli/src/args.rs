//! The commands of `sar`. What is not listed does not exist.

use clap::{Parser, Subcommand};

use crate::commands::{
    audit::AuditCommand, bench::BenchArgs, case::CaseCommand, corrections::CorrectionsCommand,
    demo::DemoArgs, detect::DetectArgs, drill::DrillArgs, evaluate::EvaluateArgs,
    export::ExportArgs, gateway::GatewayCommand, package::PackageCommand, redact::RedactArgs,
    sandbox::SandboxArgs, serve::ServeArgs, source::SourceCommand, verify_redaction::VerifyArgs,
};

/// Answer subject access requests for call recordings.
#[derive(Parser)]
#[command(name = "sar", version, after_help = AFTER_HELP)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Data goes to stdout, messages go to stderr.
Exit codes: 0 success, 1 a check failed, 2 wrong usage, 3 a source or resource is unavailable.
SAR_LOG=info shows what happens inside.";

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Run a whole request against the built-in sample organization
    Demo(DemoArgs),
    /// Serve the built-in sample organization until stopped
    Sandbox(SandboxArgs),
    /// Find personal data in a transcript or in texts
    Detect(DetectArgs),
    /// Measure the detector on labeled calls or texts
    Evaluate(EvaluateArgs),
    /// Remove personal data from a recording and check the result
    Redact(RedactArgs),
    /// Check a redacted recording against its original and its plan
    VerifyRedaction(VerifyArgs),
    /// Work on a case, step by step
    #[command(subcommand)]
    Case(CaseCommand),
    /// Connect archives beside the organization, list and disconnect sources
    #[command(subcommand)]
    Source(SourceCommand),
    /// Build, check or open a disclosure package
    #[command(subcommand)]
    Package(PackageCommand),
    /// Export every recording of a query with chain of custody, for eDiscovery
    Export(ExportArgs),
    /// Check, list, prove or export the audit log
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Serve any recording by one reference to other programs, until stopped
    Serve(ServeArgs),
    /// Decide which programs may ask the gateway
    #[command(subcommand)]
    Gateway(GatewayCommand),
    /// List or forget what reviewers corrected
    #[command(subcommand)]
    Corrections(CorrectionsCommand),
    /// Run planted calls through the detector of this desk; fails when it finds less than it must
    Drill(DrillArgs),
    /// Measure on this machine
    Bench(BenchArgs),
}
