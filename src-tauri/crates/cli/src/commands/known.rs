//! What is known about the people of a call: policy, known values, transcript.

use std::path::{Path, PathBuf};

use clap::Args;
use domain::{policy::Policy, sensitive::PersonalData, transcript::Transcript};
use redaction::knowledge::CaseKnowledge;
use serde::Deserialize;

use crate::{
    failure::Failure,
    input::{self, MAX_TEXT_BYTES},
};

/// What decides about detections.
#[derive(Args)]
pub(crate) struct KnownArgs {
    /// What is disclosed to whom: data_subject_copy, third_party_copy, ccpa or ediscovery
    #[arg(long, value_name = "NAME", default_value = "data_subject_copy", value_parser = policy)]
    pub(crate) policy: Policy,
    /// Known values, as JSON: {"names":[],"phones":[],"emails":[],"ids":[],"agents":[]}
    #[arg(long, value_name = "KNOWN.json")]
    case: Option<PathBuf>,
}

fn policy(name: &str) -> Result<Policy, String> {
    Policy::from_name(name).ok_or_else(|| {
        let names: Vec<_> = Policy::ALL.iter().map(|policy| policy.name).collect();
        format!("the policies are {}", names.join(", "))
    })
}

/// Known values as a file; all but `agents` are about the data subject.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct KnownFile {
    names: Vec<String>,
    phones: Vec<String>,
    emails: Vec<String>,
    ids: Vec<String>,
    agents: Vec<String>,
}

impl KnownArgs {
    /// The known values; none without a file.
    pub(crate) fn knowledge(&self) -> Result<CaseKnowledge, Failure> {
        let Some(path) = &self.case else {
            return Ok(CaseKnowledge::default());
        };
        let file: KnownFile = serde_json::from_str(&input::read_text(path)?).map_err(|error| {
            // The error's own text may quote the file.
            let (line, column) = (error.line(), error.column());
            Failure::usage(
                format!(
                    "`{}` is not valid: line {line}, column {column}",
                    path.display()
                ),
                "It is JSON with the lists `names`, `phones`, `emails`, `ids` and `agents`.",
            )
        })?;
        Ok(CaseKnowledge {
            names: hidden(file.names),
            phones: hidden(file.phones),
            emails: hidden(file.emails),
            ids: hidden(file.ids),
            agents: hidden(file.agents),
        })
    }
}

fn hidden(texts: Vec<String>) -> Vec<PersonalData<String>> {
    texts.into_iter().map(PersonalData::new).collect()
}

/// Reads a transcript file, the source's own form or the plain one.
pub(crate) fn transcript(path: &Path) -> Result<Transcript, Failure> {
    let bytes = input::read(path, MAX_TEXT_BYTES)?;
    services::transcript_file::parse_any(&bytes).map_err(|error| {
        Failure::usage(
            format!("`{}` cannot be used: {error}", path.display()),
            "It is a Genesys transcript, or {\"words\":[{\"text\",\"start_ms\",\"end_ms\",\"confidence\",\"channel\"}]}.",
        )
    })
}
