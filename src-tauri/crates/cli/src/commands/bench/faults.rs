//! `sar bench faults`: the whole main job again and again, with faults by lot and the process killed at moments
//! by lot, until it is done. Each time everything must be there once, with the right bytes. // B14

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    time::Duration,
};

use evidence::hashing::sha256;
use futures_util::{StreamExt, stream};
use sandbox::{Lot, Scenario, ground_truth, planted_media};
use services::api::Empty;

use super::Value;
use crate::{
    commands::{
        case::{case_ref, list},
        demo::{self, Opened},
    },
    failure::Failure,
    files,
    output::Output,
};

/// Lives of a process that are ended with SIGKILL, at most.
const KILLS: u64 = 3;
/// A life is ended within this; without faults the whole job takes a few seconds.
const LIFE_MS: u64 = 6_000;
/// Rounds between two lines of progress.
const TOLD_EVERY: u32 = 10;
/// Lives that nobody ends, before the round counts as stuck.
const LAST_LIVES: usize = 4;

/// Which rounds, and how many of them at the same time: most of a round is waiting, for a fault to pass or for a
/// breaker to close.
pub(super) struct Campaign {
    pub(super) rounds: u32,
    /// The first seed; the others follow.
    pub(super) seed: u64,
    pub(super) at_once: usize,
}

/// Runs the campaign up to its first difference.
pub(super) async fn values(
    campaign: &Campaign,
    output: &mut Output,
) -> Result<Vec<Value>, Failure> {
    let undisturbed = Round::new(0)?.run(None, &[]).await?;
    let seeds = campaign.seed..campaign.seed + u64::from(campaign.rounds);
    let rounds = stream::iter(seeds).map(|seed| one(seed, &undisturbed));
    let mut rounds = rounds.buffer_unordered(campaign.at_once.max(1));
    let (mut done, mut kills, mut faults) = (0, 0, 0);
    while let Some((seed, ended)) = rounds.next().await {
        let disturbed = ended.inspect_err(|_| output.note(format!("The seed was {seed}")))?;
        done += 1;
        kills += disturbed.kills;
        faults += disturbed.faults;
        if done % TOLD_EVERY == 0 {
            output.note(format!("{done} of {} rounds", campaign.rounds));
        }
    }
    Ok(vec![
        value("rounds without a difference", f64::from(done), "rounds"),
        value("faults drawn", faults as f64, "faults"),
        value("processes killed", kills as f64, "kills"),
    ])
}

/// What a round went through.
struct Disturbed {
    kills: usize,
    faults: usize,
}

/// The round of a seed, which must end as an undisturbed one does.
async fn one(seed: u64, undisturbed: &Ended) -> (u64, Result<Disturbed, Failure>) {
    let mut lot = Lot::new(seed ^ 0x5eed);
    let lives: Vec<_> = (0..1 + lot.below(KILLS))
        .map(|_| Duration::from_millis(lot.below(LIFE_MS)))
        .collect();
    let run = async {
        let ended = Round::new(seed)?.run(Some(seed), &lives).await?;
        if ended != *undisturbed {
            return Err(differs(seed, &ended, undisturbed));
        }
        Ok(Disturbed {
            kills: lives.len(),
            faults: Scenario::drawn(seed).healing_alone().faults.len(),
        })
    };
    (seed, run.await)
}

/// What a folder holds in the end.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    cases: usize,
    /// Digests of what was retrieved, in order.
    retrieved: Vec<String>,
    /// End states of the others.
    others: Vec<String>,
    /// Files in the vault: nothing that a killed process left behind.
    sealed: usize,
}

/// A folder of its own, which goes with the value.
struct Round {
    folder: PathBuf,
}

impl Round {
    fn new(seed: u64) -> Result<Self, Failure> {
        let folder = env::temp_dir().join(format!("sar-faults-{}-{seed}", process::id()));
        fs::create_dir_all(&folder).map_err(|error| files::unwritable(&folder, error.kind()))?;
        Ok(Self { folder })
    }

    async fn run(self, faults: Option<u64>, lives: &[Duration]) -> Result<Ended, Failure> {
        for life in lives {
            if self.live(faults, Some(*life)).await? {
                return self.ended().await;
            }
        }
        for _ in 0..LAST_LIVES {
            if self.live(faults, None).await? {
                return self.ended().await;
            }
        }
        Err(Failure::failed_check(
            format!("The main job did not end in {LAST_LIVES} lives"),
            "Run it again with the same --seed.",
        ))
    }

    /// One life of the process; whether it came to the end of the job.
    async fn live(&self, faults: Option<u64>, until: Option<Duration>) -> Result<bool, Failure> {
        let program = env::current_exe().map_err(|error| not_started(&error))?;
        let mut command = Command::new(program);
        command.arg("demo").arg("--out").arg(self.out());
        if let Some(seed) = faults {
            command.arg("--faults").arg(seed.to_string());
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| not_started(&error))?;
        if let Some(life) = until {
            tokio::time::sleep(life).await;
            // One that has ended by itself cannot be killed, which is fine.
            let _ = child.kill();
        }
        let status = tokio::task::spawn_blocking(move || child.wait()).await;
        let status = status.map_err(|_| Failure::interrupted())?;
        Ok(status.is_ok_and(|status| status.success()))
    }

    fn out(&self) -> PathBuf {
        self.folder.join("demo")
    }

    async fn ended(&self) -> Result<Ended, Failure> {
        let opened = Opened::open(&self.out()).await?;
        let ended = read(&opened).await;
        opened.app.close().await;
        ended
    }
}

impl Drop for Round {
    fn drop(&mut self) {
        // What stays is clutter in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

async fn read(opened: &Opened) -> Result<Ended, Failure> {
    let app = &opened.app;
    let log = services::verify_audit(app, Empty {}).await?;
    if !log.verified {
        return Err(wrong("the audit log does not verify"));
    }
    let mut cases = Vec::new();
    for view in demo::VIEWS {
        cases.extend(list::all(app, view, "").await?);
    }
    let mut ended = Ended {
        cases: cases.len(),
        retrieved: Vec::new(),
        others: Vec::new(),
        sealed: sealed(&opened.data_dir),
    };
    for case in &cases {
        for call in services::list_calls(app, case_ref(&case.case_id))
            .await?
            .calls
        {
            match call.sha256 {
                Some(digest) if call.end_state == "retrieved" => ended.retrieved.push(digest),
                _ => ended.others.push(call.end_state),
            }
        }
    }
    let planted = planted();
    if !ended
        .retrieved
        .iter()
        .all(|digest| planted.contains(digest))
    {
        return Err(wrong("a recording is not what was planted"));
    }
    let distinct: BTreeSet<_> = ended.retrieved.iter().collect();
    if distinct.len() != ended.retrieved.len() {
        return Err(wrong("a recording is there twice"));
    }
    Ok(ended)
}

/// Files of all cases in the vault.
fn sealed(data_dir: &Path) -> usize {
    let folders = fs::read_dir(data_dir.join("vault")).into_iter().flatten();
    let files = folders.flatten().map(|folder| {
        let files = fs::read_dir(folder.path()).into_iter().flatten();
        files.count()
    });
    files.sum()
}

/// Digests of everything that there is to retrieve.
fn planted() -> BTreeSet<String> {
    let recordings = ground_truth().recordings.iter();
    let files = recordings.filter_map(|it| planted_media(&it.recording_id, "WAV"));
    files.map(|bytes| sha256(&bytes).to_string()).collect()
}

fn differs(seed: u64, ended: &Ended, undisturbed: &Ended) -> Failure {
    wrong(&format!(
        "with the seed {seed} the job ended with {ended:?} instead of {undisturbed:?}"
    ))
}

fn wrong(what: &str) -> Failure {
    Failure::failed_check(
        format!("The main job under faults went wrong: {what}"),
        "Run it again with the same --seed, and report it.",
    )
}

fn not_started(error: &std::io::Error) -> Failure {
    Failure::unavailable(
        format!("The main job could not be started: {}", error.kind()),
        "Close other programs, then try again.",
    )
}

fn value(name: &'static str, value: f64, unit: &'static str) -> Value {
    Value {
        bench: "faults",
        name,
        value,
        unit,
    }
}
