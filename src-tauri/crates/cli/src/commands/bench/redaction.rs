//! `sar bench redaction`: how long it takes to remove twenty spans from a call, and the programs that others
//! use for it beside ours, on the same files in the same run.
//!
//! Times are the least of several rounds in turn. Ratios are of time on processors, because other work on the
//! machine lengthens every wait; programs with several threads gain nothing by that.

mod material;
mod programs;
mod samples;

use std::{
    env, fs,
    fs::File,
    io::{self, BufWriter},
    path::{Path, PathBuf},
    process,
};

use evidence::hashing::HashingWriter;
use redaction::{keys::key_presses, pcm::PcmReader, peaks, render};

use self::{
    material::{RATE, Recording, seeds},
    programs::{Took, is_here, run},
};
use super::{Value, peak_memory_mb};
use crate::{failure::Failure, files::unwritable, input, output::Output};

/// Rounds of what takes less than a second, and of the rest.
const QUICK_ROUNDS: usize = 5;
/// Rounds of what takes a minute.
const SLOW_ROUNDS: usize = 1;
/// How often a program runs in a row whose time is near what the clock can tell.
const IN_A_ROW: u32 = 5;
/// Samples behind one point of the peaks that audiowaveform makes.
const SAMPLES_PER_POINT: u64 = 256;

/// Something that is measured: its name, how often it is done in a row, and what it does.
struct Case<'a> {
    name: &'static str,
    in_a_row: u32,
    work: Box<dyn FnMut() -> Result<(), Failure> + 'a>,
}

impl<'a> Case<'a> {
    fn new(name: &'static str, work: impl FnMut() -> Result<(), Failure> + 'a) -> Self {
        let (in_a_row, work) = (1, Box::new(work));
        Self {
            name,
            in_a_row,
            work,
        }
    }
}

/// Where it all happens; gone afterward.
struct Folder(PathBuf);

impl Folder {
    fn create() -> Result<Self, Failure> {
        let path = env::temp_dir().join(format!("sar-bench-redaction-{}", process::id()));
        fs::create_dir_all(&path).map_err(|error| unwritable(&path, error.kind()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What stays lies in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Measures with a call of so many minutes, and one three times as long.
pub(super) fn values(minutes: u64, output: &mut Output) -> Result<Vec<Value>, Failure> {
    let folder = Folder::create()?;
    let folder = folder.0.as_path();
    let call = Recording::spoken(folder, "call.wav", minutes)?;
    let long = Recording::spoken(folder, "long.wav", 3 * minutes)?;
    let mut values = memory(folder, &call, &long)?;
    values.extend(keyed(&call)?);
    values.extend(samples::values(folder, &call, output)?);
    if programs_are_here(&["ffmpeg"], output) {
        values.extend(mp3(folder, &call)?);
        values.extend(opus(folder, &call)?);
    }
    values.extend(reading(folder, &long, output)?);
    Ok(values)
}

fn value(name: &'static str, value: f64, unit: &'static str) -> Value {
    Value {
        bench: "redaction",
        name,
        value,
        unit,
    }
}

/// Says which program is missing: its figures and what is compared with them are then not there.
fn programs_are_here(programs: &[&str], output: &mut Output) -> bool {
    let missing = programs.iter().find(|program| !is_here(program));
    if let Some(program) = missing {
        output.note(format!("not performed: `{program}` is not installed"));
    }
    missing.is_none()
}

/// Measures cases in turn, so that what disturbs one disturbs all.
fn race(rounds: usize, cases: &mut [Case<'_>]) -> Result<Vec<Took>, Failure> {
    let mut best: Vec<Option<Took>> = vec![None; cases.len()];
    for _ in 0..rounds {
        for (case, best) in cases.iter_mut().zip(&mut best) {
            let all = Took::times(&mut || (0..case.in_a_row).try_for_each(|_| (case.work)()))?;
            let times = f64::from(case.in_a_row);
            let one = Took {
                cpu: all.cpu / times,
                wall: all.wall / times,
            };
            *best = Some(best.map_or(one, |other| one.least(other)));
        }
    }
    Ok(best.into_iter().flatten().collect())
}

fn rows(cases: &[Case<'_>], took: &[Took]) -> Vec<Value> {
    let row = |(case, took): (&Case<'_>, &Took)| {
        [
            value(case.name, took.cpu, "s on processors"),
            value(case.name, took.wall, "s"),
        ]
    };
    cases.iter().zip(took).flat_map(row).collect()
}

/// Our own redaction, both digests included, as `sar redact` and the desk do it.
fn redact(call: &Recording, file: &Path, out: &Path) -> Result<(), Failure> {
    let mut original = input::open(file)?;
    let audio = PcmReader::open(&mut original).map_err(|error| not_read(file, &error))?;
    let plan = call.plan(audio.info().duration_ms())?;
    let mut out_file =
        BufWriter::new(File::create(out).map_err(|error| unwritable(out, error.kind()))?);
    render::render(&mut original, &mut out_file, &plan, &seeds(&plan))
        .map(drop)
        .map_err(|error| not_read(file, &error))
}

fn not_read(file: &Path, error: &dyn std::fmt::Display) -> Failure {
    let hint = "Report this: the file was written by this program.";
    Failure::usage(format!("`{}`: {error}", file.display()), hint)
}

/// The most memory that this program has taken, after a call and after one three times as long.
fn memory(folder: &Path, call: &Recording, long: &Recording) -> Result<Vec<Value>, Failure> {
    let out = folder.join("ours.wav");
    let after = |recording: &Recording| -> Result<Option<f64>, Failure> {
        redact(recording, &recording.path, &out)?;
        Ok(peak_memory_mb())
    };
    let values = [
        ("largest resident memory, call", after(call)?),
        ("largest resident memory, call of three times", after(long)?),
    ];
    let known = values
        .into_iter()
        .filter_map(|(name, mb)| Some((name, mb?)));
    Ok(known.map(|(name, mb)| value(name, mb, "MB")).collect())
}

/// How long it takes to listen for keyed digits.
fn keyed(call: &Recording) -> Result<Vec<Value>, Failure> {
    let mut cases = [Case::new("keyed digits listened for", || {
        let file = input::open(&call.path)?;
        let mut audio = PcmReader::open(file).map_err(|error| not_read(&call.path, &error))?;
        key_presses(&mut audio)
            .map(drop)
            .map_err(|error| input::unreadable(&call.path, &error))
    })];
    let took = race(QUICK_ROUNDS, &mut cases)?;
    Ok(rows(&cases, &took))
}

/// `volume` of ffmpeg at 0 inside every span.
fn mute(call: &Recording) -> String {
    let spans = call.spans().into_iter();
    let seconds = |ms: u64| format!("{}.{:03}", ms / 1_000, ms % 1_000);
    let between: Vec<String> = spans
        .map(|(start, end)| format!("between(t,{},{})", seconds(start), seconds(end)))
        .collect();
    format!("volume=enable='{}':volume=0", between.join("+"))
}

fn sha256_by_openssl(folder: &Path, file: &str) -> Result<(), Failure> {
    run(folder, "openssl", &["dgst", "-sha256", file])
}

fn ratio(name: &'static str, ours: f64, theirs: &Took) -> Value {
    value(name, ours / theirs.cpu.max(1e-3), "times")
}

/// The digest as it is made of every file.
fn digest(path: &Path) -> Result<(), Failure> {
    let mut file = input::open(path)?.into_inner();
    let mut hash = HashingWriter::new(io::sink());
    let mut block = vec![0; 64 * 1024];
    loop {
        let len = io::Read::read(&mut file, &mut block)
            .map_err(|error| input::unreadable(path, &error))?;
        let Some(bytes) = block.get(..len).filter(|bytes| !bytes.is_empty()) else {
            return Ok(());
        };
        io::Write::write_all(&mut hash, bytes).map_err(|error| input::unreadable(path, &error))?;
    }
}

fn mp3(folder: &Path, call: &Recording) -> Result<Vec<Value>, Failure> {
    let coded = ["-c:a", "libmp3lame", "-b:a", "32k"];
    let names = [
        "MP3, ours, noise and both digests",
        "MP3, ffmpeg mute",
        "MP3, ours to ffmpeg (0.01)",
    ];
    packets(folder, call, "call.mp3", &coded, names)
}

fn opus(folder: &Path, call: &Recording) -> Result<Vec<Value>, Failure> {
    let coded = [
        "-ar",
        "8000",
        "-c:a",
        "libopus",
        "-b:a",
        "32k",
        "-application",
        "voip",
    ];
    let names = [
        "Opus, ours, noise and both digests",
        "Opus, ffmpeg mute at 8 kHz",
        "Opus, ours to ffmpeg (0.02)",
    ];
    packets(folder, call, "call.opus", &coded, names)
}

/// Redaction in the packets beside decoding, muting and encoding again.
fn packets(
    folder: &Path,
    call: &Recording,
    file: &str,
    coded: &[&str],
    [ours, theirs, between]: [&'static str; 3],
) -> Result<Vec<Value>, Failure> {
    let made = [&["-v", "error", "-y", "-i", "call.wav"], coded, &[file]].concat();
    run(folder, "ffmpeg", &made)?;
    let filter = mute(call);
    let out = format!("muted-{file}");
    let muted = [
        &["-v", "error", "-y", "-i", file, "-af", &filter],
        coded,
        &[&out],
    ]
    .concat();
    let mut quick = [Case::new(ours, || {
        redact(call, &folder.join(file), &folder.join("ours"))
    })];
    let mut slow = [Case::new(theirs, || run(folder, "ffmpeg", &muted))];
    let (our, their) = (
        race(QUICK_ROUNDS, &mut quick)?,
        race(SLOW_ROUNDS, &mut slow)?,
    );
    let mut values = rows(&quick, &our);
    values.extend(rows(&slow, &their));
    if let ([our], [their]) = (&our[..], &their[..]) {
        values.push(ratio(between, our.cpu, their));
    }
    Ok(values)
}

/// Peaks, and everything that is found out about a file when it comes.
fn reading(folder: &Path, long: &Recording, output: &mut Output) -> Result<Vec<Value>, Failure> {
    let points = u32::try_from(RATE / SAMPLES_PER_POINT).unwrap_or(u32::MAX);
    let open = || {
        let file = input::open(&long.path)?;
        PcmReader::open(file).map_err(|error| not_read(&long.path, &error))
    };
    let unreadable = |error: io::Error| input::unreadable(&long.path, &error);
    let mut cases = vec![
        Case::new("peaks of three times, ours", || {
            peaks::peaks(&mut open()?, points)
                .map(drop)
                .map_err(unreadable)
        }),
        Case::new(
            "digest, length, levels and peaks of three times, ours",
            || {
                digest(&long.path)?;
                peaks::levels(&mut open()?, 20).map_err(unreadable)?;
                peaks::peaks(&mut open()?, points)
                    .map(drop)
                    .map_err(unreadable)
            },
        ),
    ];
    if programs_are_here(&["openssl", "sox"], output) {
        cases.push(Case::new("openssl, one digest of three times", || {
            sha256_by_openssl(folder, "long.wav")
        }));
        cases.push(Case::new("sox stats of three times", || {
            run(folder, "sox", &["long.wav", "-n", "stats"])
        }));
    }
    if cases.len() == 4 && programs_are_here(&["audiowaveform"], output) {
        let words = "-q -i long.wav -o long.dat -z 256 -b 8 --split-channels";
        let words: Vec<&str> = words.split(' ').collect();
        cases.push(Case::new("audiowaveform of three times", move || {
            run(folder, "audiowaveform", &words)
        }));
    }
    let took = race(QUICK_ROUNDS, &mut cases)?;
    let mut values = rows(&cases, &took);
    if let [peaks, pass, openssl, sox, rest @ ..] = &took[..] {
        values.push(ratio("peaks, ours to sox stats", peaks.cpu, sox));
        values.push(ratio(
            "all of it to openssl alone (1.25)",
            pass.cpu,
            openssl,
        ));
        let theirs = rest.iter();
        values.extend(theirs.map(|it| ratio("peaks, ours to audiowaveform (0.25)", peaks.cpu, it)));
    }
    Ok(values)
}
